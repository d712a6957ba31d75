"""A message, a click, an event or a due job comes in; a service is called; a Reply goes out."""
