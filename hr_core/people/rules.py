"""Who stands above whom. A line manager comes first; without one, the department's head, then the parent's."""

from hr_core.people.model import Directory


def department_path(directory: Directory, department_id: int) -> tuple[int, ...]:
    """Give a department and its parents up to the root; a cycle in the tree ends the path."""
    path: list[int] = []
    current: int | None = department_id
    while current is not None and current in directory.departments and current not in path:
        path.append(current)
        current = directory.departments[current].parent_id
    return tuple(path)


def is_within(directory: Directory, person_id: int, department_id: int) -> bool:
    """Tell whether a person works in a department or anywhere below it."""
    return any(department_id in department_path(directory, own) for own in directory.people[person_id].departments)


def line_manager(directory: Directory, person_id: int) -> int | None:
    """Give the named line manager, unless they have left or name the person themselves."""
    manager = directory.people[person_id].manager_id
    return manager if manager in directory.people and manager != person_id else None


def next_above(directory: Directory, person_id: int) -> int | None:
    """Give the line manager, else the nearest department head on the way up who is somebody else."""
    manager = line_manager(directory, person_id)
    if manager is not None:
        return manager
    for own in directory.people[person_id].departments[:1]:
        for department in department_path(directory, own):
            others = [head for head in directory.heads_of(department) if head != person_id]
            if others:
                return others[0]
            # A co-head is no superior of the head; leading this department means answering to the parent's.
    return None


def superiors(directory: Directory, person_id: int) -> tuple[int, ...]:
    """Give everyone above a person, nearest first; a reporting cycle ends the line."""
    line: list[int] = []
    current = next_above(directory, person_id)
    while current is not None and current != person_id and current not in line:
        line.append(current)
        current = next_above(directory, current)
    return tuple(line)


def in_reporting_cycle(directory: Directory, person_id: int) -> bool:
    """Tell whether following line managers from a person leads back to them."""
    seen: set[int] = set()
    current = line_manager(directory, person_id)
    while current is not None and current not in seen:
        if current == person_id:
            return True
        seen.add(current)
        current = line_manager(directory, current)
    return False


def general_manager(directory: Directory) -> int | None:
    """Give the root department's head, else the only person without a manager who has reports, else nobody.

    The second rule waits until everybody's line manager is known: whoever is read first would rise to the top.
    """
    roots = [d.id for d in directory.departments.values() if d.parent_id is None]
    heads = {head for root in roots for head in directory.heads_of(root)}
    if len(heads) == 1:
        return heads.pop()
    if not directory.complete:
        return None
    tops = [p.id for p in directory.people.values() if line_manager(directory, p.id) is None]
    leading = [person_id for person_id in tops if directory.has_reports(person_id)]
    return leading[0] if len(leading) == 1 else None
