# %% [markdown] text="intro"
# # Networks
#
# The arena's questions about Keras models. `train.npz` holds images of shape (count, 6, 6) and their classes.

# %% text="imports"
import keras
import numpy as np

with np.load("train.npz") as train:
    images, labels = train["images"], train["labels"]


# %% solution="network"
def build_network() -> keras.Model:
    """Return a network from images (6, 6) to the probabilities of 3 classes."""
    # BEGIN SOLUTION
    return keras.Sequential(
        [keras.Input((6, 6)), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax", name="scores")]
    )
    # END SOLUTION


# %% tests="network-tests" points=2
assert build_network().output_shape == (None, 3)

# %% solution="learn"
if __name__ == "__main__":
    # BEGIN SOLUTION
    keras.utils.set_random_seed(1)
    network = build_network()
    network.compile("sgd", "sparse_categorical_crossentropy")
    network.optimizer.learning_rate = 0.1
    for _ in range(60):
        network.train_on_batch(images, labels)
    network.save("network.keras")
    # END SOLUTION

# %% tests="learn-tests" points=6
if __name__ == "__main__":
    assert network.predict(images[:2], verbose=0).shape == (2, 3)

# %% tests="saved-tests" points=4
if __name__ == "__main__":
    assert keras.saving.load_model("network.keras").count_params() == network.count_params()
