"""A mapping proposed from data files: what they hold, what each is, and the text."""
