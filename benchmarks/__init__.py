"""What the published figures are made with; every command is run in the root of the repository.

Speed and memory of the engine beside its peers, all sections or some, tables and pictures::

    python -m benchmarks.engine DATA_DIR
    python -m benchmarks.engine DATA_DIR --only epoch products

One section alone, its table printed::

    python -m benchmarks.engine.epoch DATA_DIR

DATA_DIR is the folder that holds ``fashion_mnist_train.npz`` and ``fashion_mnist_test.npz``;
without it, the environment variable SKLEARN_MOTIF_DATA names it. With ``--smoke`` no data are
needed: tiny networks on generated rows show that everything runs.

PyTorch and sparselab are peers where they are installed (``pip install torch sparselab``).
"""
