"""Accuracy, time and size of many configurations on many data sets."""
