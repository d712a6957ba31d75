"""OA approval (workflow 1.0): official approvals (A/0491 to A/0508) and one's own process centre (A/0510 to A/0519).

The premium operations, attachments' space and the archived `topapi/process*` twins are left out.
"""

from sandbox.workflow.centre import OPERATIONS as CENTRE
from sandbox.workflow.centre_tasks import OPERATIONS as CENTRE_TASKS
from sandbox.workflow.forecast import OPERATIONS as FORECAST
from sandbox.workflow.forms import OPERATIONS as FORMS
from sandbox.workflow.instances import OPERATIONS as INSTANCES
from sandbox.workflow.tasks import OPERATIONS as TASKS

OPERATIONS = (*FORMS, *FORECAST, *INSTANCES, *TASKS, *CENTRE, *CENTRE_TASKS)

__all__ = ["OPERATIONS"]
