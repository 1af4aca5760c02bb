"""One mini-batch: against the oracle, finite differences, and the promises about bits."""

import numpy as np
import pytest
import scipy.sparse

from sklearn_motif import engine
from sklearn_motif._training.loop import mean_loss
from sklearn_motif.engine import threads

from ..models import ACTIVATIONS, SHARING, engine_gradients, make_network, make_step, train_on
from ..oracle import Oracle, block_places

# Sizes that the layers of make_network do not divide by: ragged last motifs on both sides.
MOTIF_SIZES = (1, 2, 3, 5)


def sample(n=23, n_features=11, n_classes=3, dtype=np.float64):
    rng = np.random.default_rng(5)
    return rng.standard_normal((n, n_features)).astype(dtype), rng.integers(n_classes, size=n)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("motif_size", MOTIF_SIZES)
@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_kernels_equal_the_oracle(activation, weight_sharing, motif_size, dtype):
    network = make_network(
        activation=activation, weight_sharing=weight_sharing, motif_size=motif_size, dtype=dtype
    )
    X, y = sample(dtype=dtype)
    oracle = Oracle(network)
    rtol = 2e-4 if dtype == np.float32 else 1e-10
    expected, _ = oracle.forward(X.astype(np.float64))
    np.testing.assert_allclose(network.predict(X), expected.T, rtol=rtol)
    weights, nodes, loss = engine_gradients(network, X, y)
    expected_weights, expected_nodes = oracle.gradients(X, y)
    # A gradient is the difference of two numbers near 1.
    atol = 2e-6 if dtype == np.float32 else 1e-14
    np.testing.assert_allclose(weights, expected_weights, rtol=rtol, atol=atol)
    np.testing.assert_allclose(nodes, expected_nodes, rtol=rtol, atol=atol)
    assert loss == pytest.approx(oracle.loss(X, y), rel=rtol)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_outputs", [1, 3, 17])
@pytest.mark.parametrize("out_activation", ["softmax", "logistic", "identity"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_outputs_and_losses_equal_the_oracle(smoothing, out_activation, n_outputs, weighted, dtype):
    if out_activation == "softmax" and n_outputs == 1:
        pytest.skip("a softmax of one output is always one")
    network = make_network((11, 7, n_outputs), out_activation=out_activation, dtype=dtype)
    rng = np.random.default_rng(1)
    X = rng.standard_normal((23, 11)).astype(dtype)
    y = {
        "softmax": rng.integers(n_outputs, size=23),
        "logistic": rng.integers(2, size=(23, n_outputs)),
        "identity": rng.standard_normal((23, n_outputs)),
    }[out_activation]
    row_weights = rng.integers(3, size=23) if weighted else np.ones(23)
    oracle = Oracle(network, smoothing)
    rtol, atol = (2e-4, 2e-6) if dtype == np.float32 else (1e-10, 1e-14)
    expected = oracle.forward(X.astype(np.float64))[0].T
    np.testing.assert_allclose(network.predict(X), expected, rtol=rtol, atol=atol)
    weights, nodes, loss = engine_gradients(network, X, y, row_weights, label_smoothing=smoothing)
    expected_weights, expected_nodes = oracle.gradients(X, y, row_weights)
    np.testing.assert_allclose(weights, expected_weights, rtol=rtol, atol=atol)
    np.testing.assert_allclose(nodes, expected_nodes, rtol=rtol, atol=atol)
    assert loss == pytest.approx(oracle.loss(X, y, row_weights), rel=rtol)
    if smoothing > 0:
        return  # a validation loss has none
    targets = y.astype(dtype)
    validation_loss = mean_loss(network.predict(X), targets, row_weights, out_activation)
    assert validation_loss == pytest.approx(loss * 23 / row_weights.sum(), rel=rtol)


@pytest.mark.parametrize(
    ("sizes", "group_features"), [((11, 7, 1), True), ((11, 7, 1), False), ((11, 3), True)]
)
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_binary_ungrouped_and_without_hidden_layers(weight_sharing, sizes, group_features):
    network = make_network(sizes, weight_sharing=weight_sharing, group_features=group_features)
    X, y = sample(n_classes=max(2, sizes[-1]))
    oracle = Oracle(network)
    np.testing.assert_allclose(network.predict(X), oracle.forward(X)[0].T, rtol=1e-10)
    weights, nodes, loss = engine_gradients(network, X, y)
    expected_weights, expected_nodes = oracle.gradients(X, y)
    np.testing.assert_allclose(weights, expected_weights, atol=1e-14)
    np.testing.assert_allclose(nodes, expected_nodes, atol=1e-14)
    assert loss == pytest.approx(oracle.loss(X, y), rel=1e-12)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("index_dtype", [np.int32, np.int64])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_sparse_rows_give_the_bits_of_dense_ones(weight_sharing, index_dtype, n_jobs, monkeypatch):
    monkeypatch.setattr(threads, "WORK_PER_THREAD", 1)
    rng = np.random.default_rng(0)
    dense = rng.standard_normal((70, 90)) * (rng.random((70, 90)) < 0.1)
    dense[:, [0, 89]] = dense[5] = 0  # empty columns at both ends, and an empty row
    X = scipy.sparse.csr_array(dense)
    X.indices, X.indptr = X.indices.astype(index_dtype), X.indptr.astype(index_dtype)
    y = rng.integers(3, size=70)
    networks = [make_network((90, 40, 3), weight_sharing=weight_sharing) for _ in range(2)]
    for network, rows in zip(networks, (X, dense), strict=True):
        with make_step(network, learning_rate=0.1, n_jobs=n_jobs) as step:
            train_on(step, rows, y, np.arange(70)[::-1].copy())
    np.testing.assert_array_equal(networks[0].weights, networks[1].weights)
    np.testing.assert_array_equal(
        networks[0].predict(X, n_jobs), networks[0].predict(dense, n_jobs)
    )


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("motif_size", [1, 2, 3])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_gradients_equal_finite_differences(weight_sharing, motif_size, activation):
    network = make_network(
        weight_sharing=weight_sharing, motif_size=motif_size, activation=activation
    )
    X, y = sample()
    gradients = engine_gradients(network, X, y)[:2]

    def loss():
        return -np.mean(np.log(network.predict(X)[np.arange(y.size), y]))

    h = 1e-6
    for values, gradient in zip((network.weights, network.nodes), gradients, strict=True):
        for i in range(values.size):
            value = values[i]
            values[i] = value + h
            above = loss()
            values[i] = value - h
            below = loss()
            values[i] = value
            assert gradient[i] == pytest.approx((above - below) / (2 * h), abs=1e-8), i


def test_unused_weights_of_a_shorter_motif_stay_zero():
    network = make_network(weight_sharing="none", motif_size=4)
    X, y = sample()
    with make_step(network, solver="adam", learning_rate=0.1, alpha=1.0) as step:
        for _ in range(5):
            train_on(step, X, y)
    n_unused = network.weights.size - sum(
        len(list(block_places(network, i))) for i in range(network.graphs.size)
    )
    assert n_unused > 0
    assert np.count_nonzero(network.weights == 0) == n_unused
    assert network.n_parameters == network.weights.size - n_unused + network.nodes.size


def reference_sgd(w, g, state, rate, momentum, nesterov):
    velocity = momentum * state - rate * g
    return w + (momentum * velocity - rate * g if nesterov else velocity), velocity


@pytest.mark.parametrize("nesterov", [True, False])
def test_sgd_with_momentum_and_l2(nesterov):
    network = make_network(weight_sharing="scaled", motif_size=2)
    X, y = sample()
    alpha, rate, momentum = 3.0, 0.05, 0.8
    step = make_step(
        network, learning_rate=rate, momentum=momentum, nesterovs_momentum=nesterov, alpha=alpha
    )
    velocity = np.zeros_like(network.weights), np.zeros_like(network.nodes)
    for _ in range(3):
        oracle = Oracle(network)
        gradients = oracle.gradients(X, y)
        # L2 holds for weights, not for biases and gains; its share is 1 / batch.
        gradients = gradients[0] + alpha / y.size * network.weights, gradients[1]
        expected_loss = oracle.loss(X, y) + 0.5 * alpha / y.size * np.sum(network.weights**2)
        expected = []
        for values, gradient, old in zip(
            (network.weights, network.nodes), gradients, velocity, strict=True
        ):
            expected.append(reference_sgd(values, gradient, old, rate, momentum, nesterov))
        loss = train_on(step, X, y)
        assert loss == pytest.approx(expected_loss)
        np.testing.assert_allclose(network.weights, expected[0][0], rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(network.nodes, expected[1][0], rtol=1e-10, atol=1e-13)
        velocity = expected[0][1], expected[1][1]


def test_adam_equals_its_definition():
    network = make_network()
    X, y = sample()
    step = make_step(network, solver="adam", learning_rate=0.01)
    m = v = np.zeros_like(network.weights)
    for t in range(1, 5):
        g, _ = Oracle(network).gradients(X, y)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        corrected = 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        expected = network.weights - corrected * m / (np.sqrt(v) + 1e-8)
        train_on(step, X, y)
        np.testing.assert_allclose(network.weights, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_no_denormals_after_2000_updates_without_gradient(solver):
    """A column of zeros: its connections' optimizer state must reach exact zeros."""
    network = make_network((4, 6, 2), motif_size=1, dtype=np.float32, epsilon=5)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 4)).astype(np.float32)
    y = (X[:, 1] > 0).astype(np.int32)
    # beta_2 = 0.999 would keep the second moment alive for far more updates.
    step = make_step(
        network, solver=solver, learning_rate=1e-3, momentum=0.9, beta_2=0.95, batch_size=20
    )
    rows = np.arange(20)
    train_on(step, X, y, rows)
    dead = network.keys(0) // 6 == 0
    assert np.any(network.graph_weights(0, step.state.weights_1)[dead])
    X[:, 0] = 0
    for _ in range(2000):
        train_on(step, X, y, rows)
    moments = [step.state.weights_1] + ([step.state.weights_2] if solver == "adam" else [])
    for moment in moments:
        assert np.all(network.graph_weights(0, moment)[dead] == 0)
    for state in (*moments, step.state.nodes_1, step.state.nodes_2):
        assert not np.any((state != 0) & (np.abs(state) < np.finfo(np.float32).tiny))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dropout_keeps_its_share_and_its_mean(dtype):
    """Of an identity network with weights of one, the output is the sum of the mask."""
    network = make_network(
        (1, 400, 1), motif_size=1, activation="identity", epsilon=1000, dtype=dtype
    )
    network.weights[:], network.nodes[:] = 1, 0
    X, y = np.ones((64, 1), dtype=dtype), np.ones(64, dtype=np.int32)
    step = make_step(network, batch_size=64, learning_rate=1e-12, dropout=0.25, dropout_seed=7)
    masks = []
    for _ in range(2):
        train_on(step, X, y, np.arange(64))
        masks.append(step.signals(1)[1].copy())
    for mask in masks:
        np.testing.assert_allclose(np.unique(mask), [0, 4 / 3], rtol=1e-6)
        assert np.mean(mask == 0) == pytest.approx(0.25, abs=0.01)
        # No row and no column of the mask is like another.
        assert np.unique(mask, axis=0).shape == mask.shape
        assert np.unique(mask, axis=1).shape == mask.shape
    assert np.mean(masks[0] == masks[1]) == pytest.approx(0.75**2 + 0.25**2, abs=0.02)


def test_gradients_pass_through_the_same_dropout_mask():
    """In an identity network the gradient by a weight is what its dropped input was."""
    network = make_network((5, 40, 1), motif_size=1, activation="identity", epsilon=1000)
    X, y = sample(n=8, n_features=5, n_classes=2)
    before = network.nodes.copy()
    step = make_step(network, batch_size=8, dropout=0.5, dropout_seed=3)
    train_on(step, X, y)
    d, p = step.signals(1)
    dropped = p[:, :8] == 0
    assert dropped.any()
    hidden = network.layers[1]
    bias = slice(hidden["bias"], hidden["bias"] + 40)
    outgoing = network.graph_weights(1)[:, 0, 0] + d[0, :8] @ p[:, :8].T
    expected = (outgoing[:, None] * d[0, :8] * ~dropped * 2).sum(axis=1)
    np.testing.assert_allclose(before[bias] - network.nodes[bias], expected, atol=1e-12)


def test_gain_gradients_see_the_dropped_activations():
    """With one neuron a motif kept alive by its gain, a dropped place adds nothing."""
    network = make_network((6, 20, 1), motif_size=2, activation="identity", epsilon=1000)
    X, y = sample(n=8, n_features=6, n_classes=2)
    hidden = network.layers[1]
    gains_in, gains_out, biases = (
        network.nodes[hidden[name] : hidden[name] + 20].reshape(10, 2).copy()
        for name in ("gain_in", "gain_out", "bias")
    )
    before = network.nodes.copy()
    outgoing = network.graph_weights(1)[:, 0, 0].copy()
    s = Oracle(network).forward(X)[1][0][2]
    step = make_step(network, batch_size=8, dropout=0.5, dropout_seed=3)
    train_on(step, X, y)
    d, p = (values[:, :8] for values in step.signals(1))
    activations = gains_out[:, :, None] * s[:, None] + biases[:, :, None]
    # Which of the four masks a motif had at a place follows from what it sent.
    masks = np.array([[0, 0], [0, 2], [2, 0], [2, 2]])
    sent = np.einsum("cm,gm,gmb->gcb", masks, gains_in, activations)
    mask = masks[np.abs(sent - p[:, None]).argmin(axis=1)].transpose(0, 2, 1)
    np.testing.assert_allclose((mask * gains_in[:, :, None] * activations).sum(axis=1), p)
    expected = np.einsum("g,b,gmb->gm", outgoing, d[0], mask * activations)
    gradient = (before - network.nodes)[hidden["gain_in"] : hidden["gain_in"] + 20]
    np.testing.assert_allclose(gradient, expected.ravel(), atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight_sharing", SHARING)
def test_a_rows_prediction_does_not_depend_on_its_company(weight_sharing, dtype):
    network = make_network(
        (11, 40, 30, 3), weight_sharing=weight_sharing, motif_size=3, dtype=dtype, epsilon=8
    )
    X = np.random.default_rng(0).standard_normal((1000, 11)).astype(dtype)
    together = network.predict(X)
    for n in (1, 7, 16):
        for start in range(0, 64, n):
            alone = network.predict(np.ascontiguousarray(X[start : start + n]))
            np.testing.assert_array_equal(alone, together[start : start + n])


def test_prediction_with_n_jobsgives_the_same_bits(monkeypatch):
    monkeypatch.setattr(threads, "WORK_PER_THREAD", 1)
    network = make_network()
    X, _ = sample(n=1000)
    one = network.predict(X, n_jobs=1)
    for n_jobs in (2, 3):
        np.testing.assert_array_equal(network.predict(X, n_jobs=n_jobs), one)


@pytest.mark.parametrize("weight_sharing", SHARING)
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_training_with_n_jobsgives_the_same_bits(weight_sharing, solver, monkeypatch):
    monkeypatch.setattr(threads, "WORK_PER_THREAD", 1)
    X, y = sample(n=90)
    results = []
    for n_jobs in (1, 2, 3):
        network = make_network((11, 60, 50, 3), weight_sharing=weight_sharing, epsilon=30)
        options = {"learning_rate": 0.01, "alpha": 1e-3, "dropout": 0.2, "n_jobs": n_jobs}
        options |= {"label_smoothing": 0.1}
        with make_step(network, solver=solver, **options) as step:
            assert step._team.size == n_jobs
            losses = [train_on(step, X, y, np.arange(start, start + 30)) for start in (0, 30, 60)]
        results.append((network.weights, network.nodes, losses))
    for weights, nodes, losses in results[1:]:
        np.testing.assert_array_equal(weights, results[0][0])
        np.testing.assert_array_equal(nodes, results[0][1])
        assert losses == results[0][2]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_run_of_mini_batches_is_one_compiled_call_and_equals_them_one_by_one(n_jobs, monkeypatch):
    monkeypatch.setattr(threads, "WORK_PER_THREAD", 1)
    calls = []
    run_turns = engine.training.run_turns

    def counted(*args):
        calls.append(args[-2])
        return run_turns(*args)

    X, y = sample(n=80)
    y = y.astype(np.int32)
    rows = np.random.default_rng(0).permutation(80)
    networks = [make_network((11, 60, 50, 40, 3), epsilon=30) for _ in range(2)]
    options = {"solver": "adam", "learning_rate": 0.01, "alpha": 0.1, "batch_size": 32}
    with make_step(networks[0], n_jobs=n_jobs, **options) as step:
        monkeypatch.setattr(engine.training, "run_turns", counted)
        loss = train_on(step, X, y, rows)
        # A thread calls again only where it had to wait for the other.
        assert calls.count(0) == 1 or n_jobs == 2
        assert set(calls) == set(range(n_jobs))
        monkeypatch.undo()
        assert step.n_updates == 3
    with make_step(networks[1], **options) as step:
        losses = [train_on(step, X, y, part) * part.size for part in np.split(rows, [32, 64])]
    assert loss == pytest.approx(sum(losses) / 80, rel=1e-12)
    np.testing.assert_array_equal(networks[0].weights, networks[1].weights)
    np.testing.assert_array_equal(networks[0].nodes, networks[1].nodes)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight_sharing", ["scaled", "none"])
@pytest.mark.parametrize("batch", [1, 5, 33, 47, 70, 200])
def test_every_width_of_a_batch(batch, weight_sharing, dtype):
    """Tiles of one to five vectors, alone and several: against the oracle, motifs of 5 = 4 + 1."""
    network = make_network(
        (11, 23, 9, 3), weight_sharing=weight_sharing, motif_size=5, dtype=dtype, epsilon=4
    )
    X, y = sample(n=batch, dtype=dtype)
    weights, nodes, _ = engine_gradients(network, X, y)
    expected_weights, expected_nodes = Oracle(network).gradients(X, y)
    atol = 1e-5 if dtype == np.float32 else 1e-13
    np.testing.assert_allclose(weights, expected_weights, atol=atol)
    np.testing.assert_allclose(nodes, expected_nodes, atol=atol)


def unaligned(array):
    """A copy that starts one byte off."""
    raw = np.empty(array.nbytes + 1, dtype=np.uint8)
    copy = np.ndarray(array.shape, array.dtype, raw.data, offset=1)
    copy[...] = array
    assert not copy.flags.aligned
    return copy


def misplaced(array):
    """A copy that starts at a whole number, but not at a vector's boundary."""
    raw = engine.simd.aligned_zeros(array.size + 1, array.dtype)
    raw[1:] = array.ravel()
    return raw[1:].reshape(array.shape)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_that_start_anywhere_and_read_only_ones(dtype):
    network = make_network(dtype=dtype)
    X, _ = sample(dtype=dtype)
    expected = network.predict(X)
    for name in ("weights", "nodes"):
        setattr(network, name, misplaced(getattr(network, name)))
    np.testing.assert_array_equal(network.predict(misplaced(X)), expected)
    for name in engine.Net._fields:
        getattr(network, name).setflags(write=False)
    X.setflags(write=False)
    np.testing.assert_array_equal(network.predict(X), expected)
    network.weights, network.nodes = unaligned(network.weights), unaligned(network.nodes)
    np.testing.assert_array_equal(network.predict(X), expected)
