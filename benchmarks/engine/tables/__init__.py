"""What the tables tell of each section: paragraphs of Markdown, of which the first is a title."""
