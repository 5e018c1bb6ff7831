"""The project's documentation as pages: Markdown in, HTML and what can be searched out. No web, no clock."""
