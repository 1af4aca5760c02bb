"""The mathematics of a motif network in NumPy, one readable line a step.

Dense and slow on purpose. Rows of a matrix are neurons or units, columns are samples.
"""

import numpy as np

from sklearn_motif._network import ALL_RELU_SLOPE


class Oracle:
    """Reads a MotifNetwork's numbers and computes with dense matrices."""

    def __init__(self, network, label_smoothing=0.0):
        self.network = network
        self.label_smoothing = label_smoothing
        self.sharing = network.weight_sharing
        self.W = [unit_matrix(network, i) for i in range(len(network.layer_sizes) - 1)]
        self.A = [self.gather_matrix(i) for i in range(len(network.layer_sizes) - 1)]
        self.S = [self.spread_matrix(i) for i in range(1, len(network.layer_sizes))]
        self.b = [part(network, i, "bias")[:, None] for i in range(1, len(network.layer_sizes))]

    def gather_matrix(self, i):
        """(units, neurons): gain_in of neuron j in the row of its unit."""
        layer = self.network.layers[i]
        members = membership(layer)
        if layer["gain_in"] >= 0:
            return members * part(self.network, i, "gain_in")
        return members / members.sum(axis=1, keepdims=True)

    def spread_matrix(self, i):
        """(neurons, units): gain_out of neuron j in the column of its unit."""
        layer = self.network.layers[i]
        members = membership(layer).T
        return (
            members * part(self.network, i, "gain_out")[:, None]
            if layer["gain_out"] >= 0
            else members
        )

    def phi(self, z, layer):
        match self.network.activation:
            case "relu":
                return np.maximum(z, 0)
            case "all_relu":
                return np.where(z > 0, z, (1 if layer % 2 else -1) * ALL_RELU_SLOPE * z)
            case "tanh":
                return np.tanh(z)
            case "logistic":
                return 1 / (1 + np.exp(-z))
            case "identity":
                return z

    def phi_prime(self, z, layer):
        match self.network.activation:
            case "relu":
                return 1.0 * (z > 0)
            case "all_relu":
                return np.where(z > 0, 1.0, (1 if layer % 2 else -1) * ALL_RELU_SLOPE)
            case "tanh":
                return 1 - np.tanh(z) ** 2
            case "logistic":
                return self.phi(z, layer) * (1 - self.phi(z, layer))
            case "identity":
                return np.ones_like(z)

    def forward(self, X):
        """Outputs (one row each), and every intermediate result."""
        a, steps = X.T, []
        for i, (W, A, S, b) in enumerate(zip(self.W, self.A, self.S, self.b, strict=True)):
            p = A @ a
            s = W @ p
            z = S @ s + b
            steps.append((a, p, s, z))
            a = self.phi(z, i + 1)
        match self.network.out_activation:
            case "identity":
                return z, steps
            case "logistic":
                return 1 / (1 + np.exp(-z)), steps
        e = np.exp(z - z.max(axis=0))
        return e / e.sum(axis=0), steps

    def target(self, y):
        """What the outputs should be."""
        n_outputs = self.network.layer_sizes[-1]
        share = self.label_smoothing
        if self.softmax:
            return (1 - share) * np.eye(n_outputs)[y].T + share / n_outputs
        target = y.reshape(-1, n_outputs).T
        is_class = self.network.out_activation == "logistic"
        return (1 - share) * target + share / 2 if is_class else target

    @property
    def softmax(self):
        return self.network.out_activation == "softmax"

    def loss(self, X, y, row_weights=1):
        q, _ = self.forward(X)
        target = self.target(y)
        smallest = np.finfo(self.network.weights.dtype).eps
        match self.network.out_activation:
            case "identity":
                losses = 0.5 * (q - target) ** 2
            case "logistic":
                losses = -target * np.log(np.maximum(q, smallest))
                losses -= (1 - target) * np.log(np.maximum(1 - q, smallest))
            case "softmax":
                losses = -target * np.log(np.maximum(q, smallest))
        return np.mean(row_weights * losses.sum(axis=0))

    def gradients(self, X, y, row_weights=1):
        """Gradients laid out as the network's `weights` and `nodes` are."""
        network = self.network
        weights, nodes = np.zeros_like(network.weights), np.zeros_like(network.nodes)
        q, steps = self.forward(X)
        delta = row_weights * (q - self.target(y)) / X.shape[0]
        for i in reversed(range(len(self.W))):
            a, p, s, _ = steps[i]
            layer = network.layers[i + 1]
            part(network, i + 1, "bias", nodes)[:] = delta.sum(axis=1)
            if layer["gain_out"] >= 0:
                unit = np.arange(layer["n_neurons"]) // layer["group"]
                part(network, i + 1, "gain_out", nodes)[:] = (delta * s[unit]).sum(axis=1)
            dS = self.S[i].T @ delta
            dW = dS @ p.T
            place_gradient(network, i, dW, network.graph_weights(i, weights))
            dP = self.W[i].T @ dS
            layer = network.layers[i]
            if layer["gain_in"] >= 0:
                unit = np.arange(layer["n_neurons"]) // layer["group"]
                part(network, i, "gain_in", nodes)[:] = (dP[unit] * a).sum(axis=1)
            if i > 0:
                delta = (self.A[i].T @ dP) * self.phi_prime(steps[i - 1][3], i)
        return weights, nodes


def part(network, i, name, values=None):
    """View of a layer's biases or gains."""
    layer = network.layers[i]
    values = network.nodes if values is None else values
    return values[layer[name] : layer[name] + layer["n_neurons"]]


def membership(layer):
    """(units, neurons) of 0 and 1."""
    unit = np.arange(layer["n_neurons"]) // layer["group"]
    return 1.0 * (unit == np.arange(layer["units"])[:, None])


def block_places(network, i):
    """Connection number, place in its block, and the two units it joins, one by one."""
    graph = network.graphs[i]
    for k, key in enumerate(network.keys(i)):
        g, h = divmod(int(key), int(graph["motifs_out"]))
        for j in range(graph["block_out"]):
            for c in range(graph["block_in"]):
                out, source = h * graph["block_out"] + j, g * graph["block_in"] + c
                if out < network.layers[i + 1]["units"] and source < network.layers[i]["units"]:
                    yield k, c, j, out, source


def unit_matrix(network, i):
    W = np.zeros((network.layers[i + 1]["units"], network.layers[i]["units"]))
    weights = network.graph_weights(i)
    for k, c, j, out, source in block_places(network, i):
        W[out, source] = weights[k, c, j]
    return W


def place_gradient(network, i, dW, weights):
    for k, c, j, out, source in block_places(network, i):
        weights[k, c, j] = dW[out, source]
