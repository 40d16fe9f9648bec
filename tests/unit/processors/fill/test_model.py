import numpy as np
import pytest

from huizhen.processors.fill import model
from huizhen.processors.fill.bands import coefficients, error_gains, pack
from huizhen.processors.fill.lifting import analyse


def stripes(angle: float, period: float = 9.0, side: int = 96) -> np.ndarray:
    y, x = np.mgrid[:side, :side]
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period)
    return np.asarray(1000 + 400 * np.clip(3 * wave, -1, 1), np.int32)


def places_of(picture: np.ndarray, levels: int) -> tuple[model.Places, np.ndarray]:
    low, details = analyse(picture[None], levels)
    places = model.describe(model.around_all(model.margined(low)))
    wanted = pack(details)[0].reshape(coefficients(levels), -1).T.astype(np.float32)
    return places, wanted


@pytest.mark.parametrize("levels", model.MODELS)
def test_flat_pictures_have_no_detail_and_no_error(levels: int) -> None:
    places, _ = places_of(np.full((64, 64), 700, np.int32), levels)
    assert (places.classes == 0).all()
    assert np.abs(model.load(levels).predict(places)).max() == 0
    assert model.load(levels).expected_square(places).max() == 0


@pytest.mark.parametrize("angle", [0.0, 0.4, 0.8, 1.2, 1.6, 2.4])
def test_edges_fall_into_the_class_of_their_direction(angle: float) -> None:
    places, _ = places_of(stripes(angle, 40.0), 1)
    steep = np.square(places.features).sum(axis=1) > 1e5
    clear = places.classes[steep & (places.classes > model.DIRECTIONS)]
    assert clear.size > 0.5 * steep.sum()
    turned, _ = places_of(stripes(angle + np.pi / 2, 40.0), 1)
    others = turned.classes[np.square(turned.features).sum(axis=1) > 1e5]
    assert np.bincount(clear).argmax() != np.bincount(others[others > model.DIRECTIONS]).argmax()


@pytest.mark.parametrize("levels", model.MODELS)
def test_the_bank_explains_part_of_an_edges_detail(levels: int) -> None:
    places, wanted = places_of(stripes(0.6, 60.0), levels)
    left = wanted - model.load(levels).predict(places)
    assert np.square(left).sum() < 0.9 * np.square(wanted).sum()


def test_prediction_does_not_depend_on_brightness_or_order() -> None:
    places, _ = places_of(stripes(0.3), 2)
    brighter, _ = places_of(stripes(0.3) + 512, 2)
    predicted = model.load(2).predict(places)
    assert np.allclose(predicted, model.load(2).predict(brighter), atol=1e-2)
    turned = model.Places(places.features[::-1], places.classes[::-1])
    assert np.allclose(predicted, model.load(2).predict(turned)[::-1], atol=1e-3)


def lesson(noise: float) -> tuple[model.Lesson, model.Examples]:
    places, wanted = places_of(stripes(0.5, 5.0), 1)
    wanted = wanted + np.random.default_rng(2).normal(0, noise, wanted.shape).astype(np.float32)
    folds = np.arange(len(wanted)) // (len(wanted) // 4 + 1)
    examples = model.Examples(places, wanted, np.ones(len(wanted), np.float32), folds)
    return model.learn(model.load(1), examples, error_gains(1)), examples


def test_what_true_tiles_teach_explains_more() -> None:
    taught, examples = lesson(0.0)
    alone = model.load(1).predict(examples.places)
    better = model.load(1).predict(examples.places, taught.correction)
    assert np.square(examples.wanted - better).sum() < 0.95 * np.square(examples.wanted - alone).sum()
    assert taught.error_scale > 0


def test_noise_teaches_nothing() -> None:
    quiet, _ = lesson(0.0)
    noisy, _ = lesson(5000.0)
    assert noisy.error_scale > 10 * quiet.error_scale
    assert np.abs(noisy.correction).max() < 60


def test_too_few_places_teach_nothing() -> None:
    few = model.Places(np.ones((10, 25), np.float32), np.zeros(10, np.int16))
    examples = model.Examples(few, np.ones((10, 3), np.float32), np.ones(10, np.float32), np.zeros(10, np.intp))
    taught = model.learn(model.load(1), examples, error_gains(1))
    assert not taught.correction.any()
    assert taught.error_scale == 1
