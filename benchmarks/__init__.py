"""What the published figures are made with; every command is run in the root of the repository.

Speed and memory of the engine beside its peers, all sections or some: ``benchmarks/engine.md``
and the pictures ``docs/images/engine_*.png``::

    python -m benchmarks.engine DATA_DIR
    python -m benchmarks.engine DATA_DIR --only epoch products

One section alone, its table printed::

    python -m benchmarks.engine.epoch DATA_DIR

Accuracy, time and size on many data sets: first all runs, which go on where they stopped, then
``benchmarks/study.md`` and the picture ``docs/images/study_pareto.png`` from them::

    python -m benchmarks.study DATA_DIR results/study.csv --plan
    python -m benchmarks.study.report results/study.csv --paper docs/reproduce_paper.csv \
        --out benchmarks/study.md --figures docs/images

The paper's experiment, ``docs/reproduce_paper.csv``, which the report takes::

    for data in fashion_mnist lung tox_171 lymphoma glioma; do
        python examples/reproduce_paper.py --dataset $data --data-dir DATA_DIR --out results
    done
    awk 'NR == 1 || FNR > 1' results/reproduce_paper_*.csv > docs/reproduce_paper.csv

The search over motif sizes whose picture README shows::

    python examples/plot_motif_sweep.py --out docs/images/motif_sweep.png

DATA_DIR is the folder of the data, in which Fashion-MNIST is ``fashion_mnist_train.npz`` and
``fashion_mnist_test.npz``. For the engine, the environment variable SKLEARN_MOTIF_DATA may name it
instead. With ``--smoke`` the engine and the study need no data: small networks on generated rows
show that everything runs.

PyTorch and sparselab are peers where they are installed (``pip install torch sparselab``).
"""
