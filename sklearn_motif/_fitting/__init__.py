"""From what the user gave to what the training loop needs, a step a file."""
