"""The training: the epoch loop, what steers it, and what it leaves behind."""
