"""Changes of the wiring between epochs: evolution, and motifs that become smaller."""
