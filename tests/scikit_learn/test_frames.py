"""Frames, and columns that scikit-learn transformed."""

import warnings

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder

from ..models import NAMES, busy, make_data


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_give_the_bits_of_arrays_without_a_warning(library, output):
    frames = pytest.importorskip(library)
    if output != "default":
        pytest.importorskip(output)
    X, y = make_data()
    colors = np.array(["cyan", "pink"])[np.arange(90) // 7 % 2]
    names = [f"gene {i}" for i in range(6)]
    frame = frames.DataFrame({**dict(zip(names, X.T, strict=True)), "color": colors})
    columns = ColumnTransformer(
        [
            # Not the mean and deviation: their last bits depend on the order in memory.
            ("numbers", MinMaxScaler(), names),
            ("words", OneHotEncoder(sparse_output=False), ["color"]),
        ],
        verbose_feature_names_out=False,
    ).set_output(transform=output)
    model = make_pipeline(columns, busy())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        probability = model.fit(frame, frames.Series(y)).predict_proba(frame)
        assert model.predict(frame).tolist() == NAMES[probability.argmax(axis=1)].tolist()

    one_hot = colors[:, None] == ["cyan", "pink"]
    array = np.hstack([MinMaxScaler().fit_transform(X), one_hot])
    direct = busy().fit(array, y)
    np.testing.assert_array_equal(probability, direct.predict_proba(array))
    if output == "default":
        assert not hasattr(model[-1], "feature_names_in_")
    else:
        expected = [*names, "color_cyan", "color_pink"]
        assert model[-1].feature_names_in_.tolist() == expected


def test_a_sparse_column_transformer_gives_what_a_dense_one_does():
    pandas = pytest.importorskip("pandas")
    X, y = make_data()
    frame = pandas.DataFrame(X, columns=list("abcdef"))
    frame["color"] = np.array(["cyan", "pink", "teal"])[np.arange(90) // 7 % 3]
    models = []
    for sparse_threshold in (0, 1):
        columns = ColumnTransformer(
            [("numbers", MinMaxScaler(), list("abcdef")), ("words", OneHotEncoder(), ["color"])],
            sparse_threshold=sparse_threshold,
        )
        # Dense X would be scaled and have bins.
        network = busy(scale_features=False, encode_features=False)
        models.append(make_pipeline(columns, network).fit(frame, y))
    dense, sparse = (model.predict_proba(frame) for model in models)
    np.testing.assert_allclose(sparse, dense, rtol=1e-9)
