"""Choose a motif size from the results of a search."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_parameter_constraints,
    validate_params,
)

from ._cv_results import column, halving_iterations, mean_test_scores, motif_size_name

CV_RESULTS = [HasMethods(["keys", "__getitem__"])]  # a dict, or a data frame made of it
WEIGHT = [Interval(Real, 0, 1, closed="both")]


@dataclass(frozen=True)
class CheapestMotifSize:
    """Choose the largest motif size whose score is close to the best.

    Pass it as `refit` to a search over `motif_size`, such as
    :class:`~sklearn.model_selection.GridSearchCV`: the search then refits the largest motif
    size whose mean test score is within `max_loss` of the best. Larger motifs have fewer
    connections and are taken to be cheaper. Measured times play no part, so that equal scores
    always give the same choice. Where other parameters are searched, too, several candidates
    may have this motif size: the best score among them wins, then the first in the order of
    the search.

    Parameters
    ----------
    max_loss : float or "one_standard_error", default=0.005
        How far the mean test score may lie below the best, in units of the score. 0 accepts
        equal scores only. "one_standard_error" is the standard error of the best candidate's
        mean: the sample standard deviation of its scores over the splits, divided by the square
        root of their number.

    metric : str, default="score"
        Name of the score: "score" where the search has one metric, else the name of one of
        its metrics.

    Raises
    ------
    ValueError
        If a parameter has a value that it may not have.

    See Also
    --------
    comprehensive_score : Weigh score against measured time.

    Notes
    -----
    scikit-learn sets no `best_score_` where `refit` is a callable; it is
    ``search.cv_results_["mean_test_score"][search.best_index_]``. With several metrics it has
    no ``search.score``; call ``search.best_estimator_.score`` instead.

    An error in the choice, such as a wrong `metric`, comes when all fits are done, and the
    search then keeps no results. Where fits take long, search with ``refit=False`` and choose
    afterward, from ``search.cv_results_``. Halving searches ignore a callable `refit` and need
    this way, too; the choice is then among the candidates of the last iteration::

        index = CheapestMotifSize()(search.cv_results_)
        model = clone(search.estimator).set_params(**search.cv_results_["params"][index])
        model.fit(X, y)

    Larger motifs are cheaper with ``weight_sharing="scaled"`` and "tied". With "none" they have
    fewer connections but more weights, and take longer. What other parameters cost does not
    count.

    The splits of a cross-validation share training rows, so their scores are not independent
    and the standard error is a rule of thumb.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_motif import MotifSETClassifier
    >>> from sklearn_motif.model_selection import CheapestMotifSize
    >>> X, y = load_digits(return_X_y=True)
    >>> classifier = MotifSETClassifier((100,), tol=0.01, random_state=0)
    >>> sizes = {"motif_size": [1, 2, 4]}
    >>> search = GridSearchCV(classifier, sizes, refit=CheapestMotifSize(max_loss=0.05), cv=3)
    >>> search.fit(X, y).best_params_
    {'motif_size': 4}
    """

    max_loss: float | str = 0.005
    metric: str = field(default="score", kw_only=True)

    def __post_init__(self) -> None:
        """Check the parameters here, since a search makes the choice after all fits."""
        constraints = {
            "max_loss": [
                Interval(Real, 0, None, closed="left"),
                StrOptions({"one_standard_error"}),
            ],
            "metric": [str],
        }
        validate_parameter_constraints(constraints, vars(self), type(self).__name__)

    @validate_params({"cv_results": CV_RESULTS}, prefer_skip_nested_validation=True)
    def __call__(self, cv_results: Mapping[str, Any]) -> int:
        """Choose among the candidates of a search.

        Parameters
        ----------
        cv_results : dict of str to array-like of shape (n_candidates,)
            ``search.cv_results_``, or a data frame made of it. Exactly one searched parameter
            must be called `motif_size`, or end in ``__motif_size``. Candidates whose mean score
            is not finite, such as those with failed fits, are never chosen.

        Returns
        -------
        index : int
            Index of the candidate.

        Raises
        ------
        ValueError
            If no or more than one searched parameter is a motif size, a motif size is not an
            integer, the metric is missing, no score is finite, or `max_loss` is
            "one_standard_error" and there is one split only.
        """
        candidates = list(column(cv_results, "params"))
        name = motif_size_name(candidates)
        sizes = [params.get(name) for params in candidates]
        for index, size in enumerate(sizes):
            if not isinstance(size, Integral):
                raise ValueError(
                    f"{name} must be an integer in every candidate, so that motif sizes can be "
                    f"ordered; candidate {index} has the parameters {candidates[index]}."
                )
        scores = mean_test_scores(cv_results, self.metric)
        iterations = halving_iterations(cv_results)
        eligible = np.isfinite(scores) & (iterations == iterations.max())
        if not eligible.any():
            raise ValueError(
                f"cv_results has no candidate with a finite mean_test_{self.metric}: all fits "
                f"failed, or their scores did."
            )
        best = int(np.argmax(np.where(eligible, scores, -np.inf)))
        if self.max_loss == "one_standard_error":
            minimum = scores[best] - _standard_error(cv_results, self.metric, best)
        else:
            minimum = scores[best] - self.max_loss
        # Rounding must not decide about a score that lies exactly at the edge.
        eligible &= (scores >= minimum) | np.isclose(scores, minimum, rtol=1e-12, atol=0)
        return int(max(np.flatnonzero(eligible), key=lambda index: (sizes[index], scores[index])))


@validate_params(
    {"cv_results": CV_RESULTS, "weight": WEIGHT, "metric": [str]},
    prefer_skip_nested_validation=True,
)
def comprehensive_score(
    cv_results: Mapping[str, Any], *, weight: float = 0.5, metric: str = "score"
) -> np.ndarray:
    """Weigh time saved against score kept, for every candidate of a search.

    This is the comprehensive score of [1]_. Mean fit time and mean test score of each candidate
    are compared with those of the candidate that has ``motif_size=1`` and otherwise the same
    parameters; :func:`weigh_time_and_score` adds the two up. A candidate with ``motif_size=1``
    scores ``1 - weight``.

    Parameters
    ----------
    cv_results : dict of str to array-like of shape (n_candidates,)
        ``search.cv_results_``, or a data frame made of it. Exactly one searched parameter must be
        called `motif_size`, or end in ``__motif_size``.

    weight : float in [0, 1], default=0.5
        Weight of the time; the score has the rest.

    metric : str, default="score"
        Name of the score: "score" where the search has one metric, else the name of one of
        its metrics. The score must be positive and higher must be better, as with accuracy.

    Returns
    -------
    scores : ndarray of shape (n_candidates,), dtype float64
        Higher is better. NaN where the mean score is NaN, as scikit-learn has it for failed
        fits.

    Raises
    ------
    ValueError
        If no or more than one searched parameter is a motif size, the metric or a candidate to
        compare with is missing, or time or score of a candidate to compare with is not finite
        and greater than 0.

    See Also
    --------
    CheapestMotifSize : Choose by score and motif size; measured times play no part.

    Notes
    -----
    Fit times are as good as the conditions under which the search measured them. On a machine
    where the engine was never compiled, run one short fit first, or the first candidates pay for
    the compilation. Jobs in parallel slow each other down.

    Candidates of a halving search are compared within one iteration. An iteration without
    ``motif_size=1`` has nothing to compare with, which is an error.

    References
    ----------
    .. [1] X. Chen, X. Liu, M. Mohammadi Ziabari, "A Topological Improvement of the Overall
       Performance of Sparse Evolutionary Training: Motif-Based Structural Optimization of
       Sparse MLPs", arXiv 2506.09204, 2025.

    Examples
    --------
    >>> from sklearn_motif.model_selection import comprehensive_score
    >>> cv_results = {
    ...     "params": [{"motif_size": 1}, {"motif_size": 2}, {"motif_size": 4}],
    ...     "mean_fit_time": [10.0, 6.0, 4.0],
    ...     "mean_test_score": [0.8, 0.8, 0.4],
    ... }
    >>> comprehensive_score(cv_results)
    array([0.5 , 0.7 , 0.55])
    """
    baselines = _baselines(cv_results)
    scores = mean_test_scores(cv_results, metric)
    seconds = np.asarray(column(cv_results, "mean_fit_time"), dtype=float)
    return weigh_time_and_score(
        seconds,
        scores,
        baseline_seconds=seconds[baselines],
        baseline_scores=scores[baselines],
        weight=weight,
    )


@validate_params(
    {
        "seconds": ["array-like", Real],
        "scores": ["array-like", Real],
        "baseline_seconds": ["array-like", Real],
        "baseline_scores": ["array-like", Real],
        "weight": WEIGHT,
    },
    prefer_skip_nested_validation=True,
)
def weigh_time_and_score(
    seconds: ArrayLike,
    scores: ArrayLike,
    *,
    baseline_seconds: ArrayLike,
    baseline_scores: ArrayLike,
    weight: float = 0.5,
) -> np.ndarray | np.float64:
    """Weigh time saved against score kept, both relative to a baseline.

    This is ``weight * (1 - seconds / baseline_seconds) + (1 - weight) * scores /
    baseline_scores``, the comprehensive score of [1]_, whose baseline is ``motif_size=1``. The
    arrays may have any shapes that broadcast.

    Parameters
    ----------
    seconds : array-like of float, or float
        Times.

    scores : array-like of float, or float
        Scores of which higher ones are better, such as accuracies.

    baseline_seconds : array-like of float, or float
        Times to compare with.

    baseline_scores : array-like of float, or float
        Scores to compare with.

    weight : float in [0, 1], default=0.5
        Weight of the time; the score has the rest.

    Returns
    -------
    weighed : ndarray or float
        Higher is better. ``1 - weight`` where nothing is saved and nothing lost.

    Raises
    ------
    ValueError
        If a time or a score to compare with is not finite and greater than 0.

    See Also
    --------
    comprehensive_score : Weigh time and score of every candidate of a search.

    References
    ----------
    .. [1] X. Chen, X. Liu, M. Mohammadi Ziabari, "A Topological Improvement of the Overall
       Performance of Sparse Evolutionary Training: Motif-Based Structural Optimization of
       Sparse MLPs", arXiv 2506.09204, 2025.

    Examples
    --------
    >>> from sklearn_motif.model_selection import weigh_time_and_score
    >>> weigh_time_and_score([6.0, 4.0], [0.8, 0.4], baseline_seconds=10, baseline_scores=0.8)
    array([0.7 , 0.55])
    """
    baseline_seconds = np.asarray(baseline_seconds, dtype=float)
    baseline_scores = np.asarray(baseline_scores, dtype=float)
    for name, values in (
        ("baseline_seconds", baseline_seconds),
        ("baseline_scores", baseline_scores),
    ):
        bad = ~(np.isfinite(values) & (values > 0))
        if bad.any():
            raise ValueError(
                f"{name} (those of motif_size=1) must be finite and greater than 0, since others "
                f"are divided by them; got {values[bad][0]}."
            )
    saved = 1 - np.asarray(seconds, dtype=float) / baseline_seconds
    kept = np.asarray(scores, dtype=float) / baseline_scores
    return weight * saved + (1 - weight) * kept


def _standard_error(cv_results: Mapping[str, Any], metric: str, candidate: int) -> float:
    """Compute the standard error of a candidate's mean score over the splits."""
    split = re.compile(rf"split\d+_test_{re.escape(metric)}")
    scores = [np.asarray(cv_results[key])[candidate] for key in cv_results if split.fullmatch(key)]
    if len(scores) < 2:
        raise ValueError(
            f'max_loss="one_standard_error" needs a search with two splits or more, got '
            f"{len(scores)}."
        )
    return float(np.std(scores, ddof=1) / np.sqrt(len(scores)))


def _baselines(cv_results: Mapping[str, Any]) -> np.ndarray:
    """For each candidate, the index of the one of motif size 1 and equal other parameters."""
    candidates = list(column(cv_results, "params"))
    name = motif_size_name(candidates)
    iterations = halving_iterations(cv_results)
    others = [{key: params[key] for key in params if key != name} for params in candidates]
    sizes = [params.get(name) for params in candidates]
    of_size_1 = [i for i, size in enumerate(sizes) if isinstance(size, Integral) and size == 1]
    baselines = []
    for index, params in enumerate(candidates):
        matches = (
            i
            for i in of_size_1
            if iterations[i] == iterations[index] and _are_equal(others[i], others[index])
        )
        baseline = next(matches, None)
        if baseline is None:
            raise ValueError(
                f"cv_results must have a candidate with {name}=1 and the same other parameters "
                f"for every candidate; there is none for candidate {index}, {params}."
            )
        baselines.append(baseline)
    return np.array(baselines)


def _are_equal(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two candidates have the same parameters and values."""
    # array_equal also compares values that are arrays, of any shape, or not comparable at all.
    return one.keys() == other.keys() and all(
        value is other[key] or np.array_equal(value, other[key]) for key, value in one.items()
    )
