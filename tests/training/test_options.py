"""What a training is told."""

from dataclasses import FrozenInstanceError, fields

import pytest

from sklearn_motif import MotifSETClassifier
from sklearn_motif._training.options import TrainingOptions
from sklearn_motif.engine import StepOptions

from ..models import make_options


def test_options_are_named_as_the_parameters():
    parameters = MotifSETClassifier().get_params().keys()
    assert set(StepOptions._fields) <= parameters
    names = {field.name for field in fields(TrainingOptions)}
    assert names - parameters == {"step", "motif_sizes", "is_partial", "is_endless"}
    # Each has one place, or two of them could differ.
    assert not names & set(StepOptions._fields)


def test_a_training_cannot_change_what_it_is_told():
    options = make_options()
    with pytest.raises(FrozenInstanceError):
        options.max_iter = 1
    with pytest.raises(AttributeError):
        options.step.alpha = 1.0
