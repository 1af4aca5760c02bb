"""The first layer of sparse rows: what it computes, and what it leaves alone."""

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif.engine import new_optimizer_state

from ..models import SHARING, make_network, make_step, train_on, use_all_threads

N_COLUMNS = 40


def sparse_network(hidden=(14, 9), *, dtype=np.float64, **options):
    """A network whose first layer goes by what rows store."""
    occurrences = np.random.default_rng(3).integers(1, 9, N_COLUMNS).astype(float)
    options = {"occurrences": occurrences, "epsilon": 4, "group_features": False, **options}
    return make_network((N_COLUMNS, *hidden, 3), dtype=dtype, **options)


def sparse_rows(n=23, dtype=np.float64):
    """Rows that store a few columns each, some of them stored zeros, and their classes."""
    rng = np.random.default_rng(0)
    dense = rng.standard_normal((n, N_COLUMNS)) * (rng.random((n, N_COLUMNS)) < 0.1)
    dense[:, [0, N_COLUMNS - 1]] = dense[5] = 0  # empty columns at both ends, and an empty row
    X = scipy.sparse.csr_array(dense.astype(dtype))
    X.data[::7] = 0
    return X, rng.integers(3, size=n)


def touched(X, network):
    """Mask of the connections of columns that rows hold."""
    return np.isin(network.sources_in_order(0), X.indices[X.data != 0])


def first_weights(network, values=None):
    """A row of the first graph's numbers for each connection."""
    return network.graph_weights(0, values).reshape(int(network.graphs[0]["n_connections"]), -1)


@pytest.mark.parametrize("hidden", [(14, 9), ()])
@pytest.mark.parametrize("motif_size", [1, 2])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_a_step_and_a_prediction_are_those_of_dense_rows(weight_sharing, motif_size, hidden):
    X, y = sparse_rows()
    network = sparse_network(hidden, weight_sharing=weight_sharing, motif_size=motif_size)
    networks, losses = [network, network.copy()], []
    networks[1].occurrences = None
    for network, rows, is_sparse in zip(networks, (X, X.toarray()), (True, False), strict=True):
        step = make_step(network, batch_size=23, sparse_inputs=is_sparse)
        losses.append(train_on(step, rows, y))
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    np.testing.assert_allclose(networks[0].weights, networks[1].weights, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(networks[0].nodes, networks[1].nodes, rtol=1e-11, atol=1e-14)
    predictions = [network.predict(X) for network in networks]
    np.testing.assert_allclose(*predictions, rtol=1e-11)


@pytest.mark.parametrize("weight_sharing", ["scaled", "none"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_columns_that_rows_do_not_hold_are_left_alone(solver, weight_sharing):
    network = sparse_network(weight_sharing=weight_sharing)
    state = new_optimizer_state(network.net, solver)
    for values in state:
        values[:] = np.random.default_rng(1).uniform(1, 2, values.size)
    arrays = [network.weights, state.weights_1]
    before = [first_weights(network, values).copy() for values in arrays]
    X, y = sparse_rows()
    step = make_step(
        network, state=state, solver=solver, learning_rate=0.1, momentum=0.9, sparse_inputs=True
    )
    weights = np.ones(23)
    weights[::2] = 0  # rows without weight hold nothing
    train_on(step, X, y, row_weights=weights)
    is_touched = touched(X[1::2], network)
    assert 0 < is_touched.sum() < is_touched.size
    for old, values in zip(before, arrays, strict=True):
        has_changed = (first_weights(network, values) != old).any(axis=1)
        np.testing.assert_array_equal(has_changed, is_touched)


def test_adam_waits_for_columns():
    """Each update of a column is Adam's, with the moments that its last one left."""
    network = sparse_network()
    X, y = sparse_rows(60)
    step = make_step(network, solver="adam", learning_rate=0.01, batch_size=6, sparse_inputs=True)
    m = v = np.zeros_like(first_weights(network))
    for t in range(1, 11):
        rows = np.arange(6 * (t - 1), 6 * t)
        copy = network.copy()
        train_on(make_step(copy, batch_size=6, sparse_inputs=True), X, y, rows)
        g = first_weights(network) - first_weights(copy)
        is_touched = touched(X[rows], network)[:, None]
        m = np.where(is_touched, 0.9 * m + 0.1 * g, m)
        v = np.where(is_touched, 0.999 * v + 0.001 * g**2, v)
        corrected = 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        change = np.where(is_touched, corrected * m / (np.sqrt(v) + 1e-8), 0)
        expected = first_weights(network) - change
        train_on(step, X, y, rows)
        np.testing.assert_allclose(first_weights(network), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("weight_sharing", ["scaled", "none"])
def test_the_penalty_is_a_decay_that_no_weight_misses(weight_sharing):
    """After a run all weights are as if each mini-batch had shrunk all of them."""
    X, y = sparse_rows(23)
    rate, alpha = 0.1, 3.0
    networks = [sparse_network(weight_sharing=weight_sharing) for _ in range(2)]
    step = make_step(networks[0], learning_rate=rate, alpha=alpha, batch_size=5, sparse_inputs=True)
    loss = train_on(step, X, y)
    losses = []
    for first in range(0, 23, 5):
        rows = np.arange(first, min(first + 5, 23))
        # The other layers have the penalty in their gradients, as always.
        one = make_step(networks[1], learning_rate=rate, alpha=alpha, batch_size=rows.size)
        copy = networks[1].copy()
        without = make_step(copy, learning_rate=rate, batch_size=rows.size, sparse_inputs=True)
        losses.append(train_on(without, X, y, rows) * rows.size)
        train_on(one, X.toarray(), y, rows)
        left = 1 - rate * alpha / rows.size
        first_weights(networks[1])[:] = first_weights(copy) * left
    np.testing.assert_allclose(
        first_weights(networks[0]), first_weights(networks[1]), rtol=1e-10, atol=1e-13
    )
    np.testing.assert_allclose(networks[0].nodes, networks[1].nodes, rtol=1e-10, atol=1e-13)
    assert loss > sum(losses) / 23


@pytest.mark.parametrize("is_held", [True, False])
def test_float32_loses_no_decay(is_held):
    """Each of many updates shrinks weights by hardly more than float32 tells from nothing."""
    network = sparse_network(dtype=np.float32)
    X = scipy.sparse.csr_array(np.full((16, N_COLUMNS), 1e-20 if is_held else 0, np.float32))
    before = first_weights(network).copy()
    rate, alpha = 1e-3, 5e-4
    step = make_step(network, learning_rate=rate, alpha=alpha, batch_size=16, sparse_inputs=True)
    for _ in range(20):
        train_on(step, X, np.arange(16) % 3, np.tile(np.arange(16), 200))
    left = (1 - rate * alpha / 16) ** 4000
    np.testing.assert_allclose(first_weights(network) / before, left, rtol=0.03 * (1 - left))


def test_ctrl_c_within_a_call_decays_for_what_was_done(monkeypatch):
    network = sparse_network()
    X, y = sparse_rows(60)
    before, is_touched = first_weights(network).copy(), touched(X, network)
    rate, alpha = 0.1, 3.0
    step = make_step(network, learning_rate=rate, alpha=alpha, batch_size=5, sparse_inputs=True)
    sizes = iter([(1, 2), KeyboardInterrupt()])

    def next_run(n_batches):
        found = next(sizes)
        if isinstance(found, KeyboardInterrupt):
            raise found
        return found

    monkeypatch.setattr(step._team_size, "next_run", next_run)
    with pytest.raises(KeyboardInterrupt):
        train_on(step, X, y)
    left = (1 - rate * alpha / 5) ** 2
    np.testing.assert_allclose(first_weights(network)[~is_touched], left * before[~is_touched])


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_threads_and_company_do_not_change_bits(solver, weight_sharing, monkeypatch):
    use_all_threads(monkeypatch)
    X, y = sparse_rows(300, np.float32)
    results = []
    for n_jobs in (1, 2, 3):
        network = sparse_network((60, 50), dtype=np.float32, weight_sharing=weight_sharing)
        options = {"learning_rate": 0.01, "alpha": 1e-3, "dropout": 0.2, "n_jobs": n_jobs}
        with make_step(
            network, batch_size=90, solver=solver, sparse_inputs=True, **options
        ) as step:
            losses = [train_on(step, X, y), train_on(step, X, y)]
        results.append((network.weights, network.nodes, losses, network.predict(X, n_jobs)))
    for result in results[1:]:
        for one, other in zip(result, results[0], strict=True):
            np.testing.assert_array_equal(one, other)
    alone = np.vstack([network.predict(X[[i]]) for i in range(0, 300, 50)])
    np.testing.assert_array_equal(alone, results[0][3][::50])
    np.testing.assert_array_equal(network.predict(X.toarray()), results[0][3])


def test_a_call_in_several_runs_is_one(monkeypatch):
    """Numbers of threads are tried within a call: decay goes by the call's mini-batches."""
    X, y = sparse_rows(60)
    networks, losses = [sparse_network() for _ in range(2)], []
    for network, n_at_a_time in zip(networks, (100, 3), strict=True):
        options = {"learning_rate": 0.1, "alpha": 3.0, "batch_size": 5, "sparse_inputs": True}
        step = make_step(network, **options)
        monkeypatch.setattr(
            step._team_size, "next_run", lambda n, most=n_at_a_time: (1, min(n, most))
        )
        losses.append(train_on(step, X, y))
    np.testing.assert_array_equal(networks[0].weights, networks[1].weights)
    assert losses[0] == losses[1]


@pytest.mark.parametrize("weight_sharing", ["scaled", "none"])
def test_gradients_by_possible_connections_are_those_of_dense_rows(weight_sharing):
    X, y = sparse_rows()
    steps = []
    for is_sparse in (True, False):
        network = sparse_network(weight_sharing=weight_sharing)
        steps.append(make_step(network, batch_size=23, sparse_inputs=is_sparse))
        train_on(steps[-1], X if is_sparse else X.toarray(), y)
    n_motifs = network.n_motifs()
    sources, targets = np.divmod(np.arange(n_motifs[0] * n_motifs[1]), n_motifs[1])
    gradients = [step.squared_gradients(0, targets, sources) for step in steps]
    assert np.count_nonzero(gradients[0]) > 0
    np.testing.assert_allclose(*gradients, rtol=1e-10, atol=1e-20)


def test_no_weight_becomes_a_denormal_number():
    network = sparse_network(dtype=np.float32)
    X, y = sparse_rows(dtype=np.float32)
    step = make_step(
        network, solver="adam", learning_rate=0.05, alpha=300.0, batch_size=23, sparse_inputs=True
    )
    for _ in range(100):
        train_on(step, X, y)
    weights = first_weights(network)
    untouched = weights[~touched(X, network)]
    assert untouched.size
    assert not np.any(untouched)
    assert not np.any((weights != 0) & (np.abs(weights) < np.finfo(np.float32).tiny))


def test_nothing_has_the_size_of_columns_times_rows():
    n_columns, n_rows = 3000, 256
    network = make_network(
        (n_columns, 8, 3), group_features=False, motif_size=1, occurrences=np.ones(n_columns)
    )
    X = scipy.sparse.random(n_rows, n_columns, density=0.002, format="csr", random_state=0)
    step = make_step(network, batch_size=n_rows, sparse_inputs=True)
    train_on(step, X, np.arange(n_rows) % 3)
    arrays = [*step.work, *step.work.stored]
    n_bytes = sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))
    assert n_bytes < n_columns * n_rows
