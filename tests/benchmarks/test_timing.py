"""Turns and ratios."""

from benchmarks import timing


def test_slow_contestants_run_once_a_round():
    runs = []

    def contestant(name):
        runs.append(name)
        return float(len(runs))

    contestants = {name: lambda name=name: contestant(name) for name in ("fast", "slow")}
    seconds = timing.take_turns(contestants, 2, slow=["slow"], turns=2)
    assert runs == ["slow", "fast", "fast"] * 2
    assert seconds == {"fast": [2.0, 3.0, 5.0, 6.0], "slow": [1.0, 1.0, 4.0, 4.0]}


def test_median_ratio_is_that_of_turns():
    assert timing.median_ratio([1.0, 8.0, 3.0], [1.0, 4.0, 1.0]) == 2.0
