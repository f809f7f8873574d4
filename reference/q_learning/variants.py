"""Solutions of `q_learning` that must lose marks, each a mistake students make, and other right ones that must not."""

from __future__ import annotations

from pathlib import Path

from autograder.audit import reference_cells, replaced, right, wrong

CELLS = reference_cells(Path(__file__).parent)

EPSILON_HEADER = "def epsilon_greedy(q_values, epsilon, rng):\n"
UPDATE_HEADER = "def q_update(table, state, action, reward, next_state, terminated, learning_rate, discount):\n"
LEARN_HEADER = "def learn_table(world, num_episodes, learning_rate, epsilon, discount, rng):\n"
BUILD_HEADER = "def build_q_network(num_inputs, num_actions):\n"
TARGET = "rewards + discount * (1.0 - terminated) * following"
ONE_HOT = "keras.ops.sum(values * keras.ops.one_hot(actions, values.shape[-1]), axis=1)"
LOSS_HEADER = "def td_loss(network, states, actions, rewards, next_states, terminated, discount):\n"


# 1. When to try something new


@wrong(loses=["epsilon-greedy-tests"])
def epsilon_turned_round() -> dict[str, str]:
    """Is greedy with probability epsilon and explores otherwise."""
    return {"epsilon-greedy": replaced(CELLS["epsilon-greedy"], ("rng.random() < epsilon", "rng.random() > epsilon"))}


@wrong(loses=["epsilon-greedy-tests"])
def explores_among_the_others() -> dict[str, str]:
    """Leaves the best action out when it explores."""
    return {
        "epsilon-greedy": EPSILON_HEADER
        + """    best = int(rng.choice(np.flatnonzero(q_values == q_values.max())))
    if rng.random() < epsilon:
        return int(rng.choice([action for action in range(len(q_values)) if action != best]))
    return best
"""
    }


@wrong(loses=["epsilon-greedy-tests"])
def first_of_equals() -> dict[str, str]:
    """Takes `argmax`: of equally good actions always the first."""
    return {
        "epsilon-greedy": replaced(
            CELLS["epsilon-greedy"],
            ("best = np.flatnonzero(q_values == np.max(q_values))", "best = [np.argmax(q_values)]"),
        )
    }


@wrong(loses=["epsilon-greedy-tests", "learn-table-tests"])
def chance_of_its_own() -> dict[str, str]:
    """Draws from NumPy's global generator and not from the one it is given."""
    return {
        "epsilon-greedy": EPSILON_HEADER
        + """    if np.random.rand() < epsilon:
        return int(np.random.randint(len(q_values)))
    return int(np.random.choice(np.flatnonzero(q_values == q_values.max())))
"""
    }


@wrong(loses=["epsilon-greedy-tests"])
def four_actions_for_ever() -> dict[str, str]:
    """Explores among the robot's four actions, whatever world it is in; the pole has two."""
    return {"epsilon-greedy": replaced(CELLS["epsilon-greedy"], ("rng.integers(len(q_values))", "rng.integers(4)"))}


# 2. What to learn from a single step


@wrong(loses=["q-update-tests"])
def nothing_ends() -> dict[str, str]:
    """Counts on what the table says of the next state although the episode has ended."""
    return {
        "q-update": replaced(
            CELLS["q-update"],
            ("reward if terminated else reward + discount", "reward + discount"),
        )
    }


@wrong(loses=["q-update-tests", "learn-table-tests", "policy-tests"])
def best_of_the_old_state() -> dict[str, str]:
    """Takes the best value of the state the agent was in, not of the one it came to."""
    return {"q-update": replaced(CELLS["q-update"], ("table[next_state].max()", "table[state].max()"))}


@wrong(loses=["q-update-tests", "learn-table-tests"])
def all_the_way() -> dict[str, str]:
    """Forgets the learning rate: a single lucky step overwrites all that was learned before."""
    return {"q-update": replaced(CELLS["q-update"], ("+= learning_rate * error", "+= error"))}


@wrong(loses=["q-update-tests"])
def learning_rate_on_the_wrong_side() -> dict[str, str]:
    """Mixes with the weights exchanged: learning rate times the old value, the rest from the target."""
    return {
        "q-update": replaced(
            CELLS["q-update"],
            (
                "table[state, action] += learning_rate * error",
                "table[state, action] = learning_rate * table[state, action] + (1 - learning_rate) * target",
            ),
        )
    }


@wrong(loses=["q-update-tests", "learn-table-tests"])
def no_discount() -> dict[str, str]:
    """Leaves gamma out: a reward in a hundred steps is worth as much as one now."""
    return {"q-update": replaced(CELLS["q-update"], ("reward + discount * table", "reward + table"))}


@wrong(loses=["q-update-tests", "learn-table-tests"])
def reward_discounted_too() -> dict[str, str]:
    """Discounts the reward that has just been received, too."""
    return {
        "q-update": replaced(
            CELLS["q-update"],
            (
                "reward if terminated else reward + discount * table[next_state].max()",
                "discount * (reward + (0.0 if terminated else table[next_state].max()))",
            ),
        )
    }


@wrong(loses=["q-update-tests", "learn-table-tests", "policy-tests"])
def changes_a_copy() -> dict[str, str]:
    """Changes a copy of the table: whoever called it learns nothing."""
    return {
        "q-update": replaced(
            CELLS["q-update"], ("    target = reward", "    table = table.copy()\n    target = reward")
        )
    }


@wrong(loses=["q-update-tests"])
def error_after_the_update() -> dict[str, str]:
    """Returns how far the value is from its target when it has already moved."""
    return {"q-update": replaced(CELLS["q-update"], ("    return error", "    return target - table[state, action]"))}


# 3. Over the ice


@wrong(loses=["learn-table-tests"])
def out_of_time_is_the_end() -> dict[str, str]:
    """Treats an episode that was cut off as one that has ended: nothing is to come, says the target."""
    return {
        "learn-table": replaced(
            CELLS["learn-table"],
            ("next_state, terminated, learning_rate", "next_state, terminated or truncated, learning_rate"),
        )
    }


@wrong(loses=["learn-table-tests", "policy-tests"])
def waits_for_the_end_of_the_story() -> dict[str, str]:
    """Ends an episode only when it is terminated, and goes on when the world has cut it off."""
    return {
        "learn-table": replaced(
            CELLS["learn-table"],
            ("state, over = next_state, terminated or truncated", "state, over = next_state, terminated"),
        )
    }


@wrong(loses=["learn-table-tests"])
def learns_what_it_does() -> dict[str, str]:
    """Is SARSA: the target has the value of the action that is taken next, exploration included."""
    return {
        "learn-table": LEARN_HEADER
        + """    table = np.zeros((world.num_states, world.num_actions))
    for _ in range(num_episodes):
        (state, _), over = world.reset(), False
        action = epsilon_greedy(table[state], epsilon, rng)
        while not over:
            next_state, reward, terminated, truncated, _ = world.step(action)
            next_action = epsilon_greedy(table[next_state], epsilon, rng)
            target = reward if terminated else reward + discount * table[next_state, next_action]
            table[state, action] += learning_rate * (target - table[state, action])
            state, action, over = next_state, next_action, terminated or truncated
    return table
"""
    }


@wrong(loses=["learn-table-tests", "policy-tests"])
def forgets_to_move_on() -> dict[str, str]:
    """Never makes the next state the present one: everything is learned about the place where the episode began."""
    return {
        "learn-table": replaced(
            CELLS["learn-table"],
            ("state, over = next_state, terminated or truncated", "over = terminated or truncated"),
        )
    }


@wrong(loses=["learn-table-tests", "policy-tests"])
def moves_on_too_early() -> dict[str, str]:
    """Makes the next state the present one before it learns: the value of the wrong state is changed."""
    return {
        "learn-table": replaced(
            CELLS["learn-table"],
            (
                "            q_update(table, state,",
                "            state = next_state\n            q_update(table, state,",
            ),
        )
    }


@wrong(loses=["learn-table-tests"])
def never_explores() -> dict[str, str]:
    """Always does what seems best so far, whatever epsilon says."""
    return {"learn-table": replaced(CELLS["learn-table"], ("table[state], epsilon, rng", "table[state], 0.0, rng"))}


@wrong(loses=["learn-table-tests"])
def numbers_of_its_own() -> dict[str, str]:
    """Learns with a discount and a learning rate it has written down, not with those it is given."""
    return {
        "learn-table": replaced(
            CELLS["learn-table"], ("terminated, learning_rate, discount)", "terminated, 0.5, 0.95)")
        )
    }


@wrong(loses=["learn-table-tests"])
def one_table_for_ever() -> dict[str, str]:
    """Keeps the table between calls, in a default argument: the second world is learned on top of the first."""
    return {
        "learn-table": LEARN_HEADER.replace("rng)", "rng, tables={})")
        + """    table = tables.setdefault(world.num_states, np.zeros((world.num_states, world.num_actions)))
    for _ in range(num_episodes):
        (state, _), over = world.reset(), False
        while not over:
            action = epsilon_greedy(table[state], epsilon, rng)
            next_state, reward, terminated, truncated, _ = world.step(action)
            q_update(table, state, action, reward, next_state, terminated, learning_rate, discount)
            state, over = next_state, terminated or truncated
    return table
"""
    }


# 4. A network in place of the table


@wrong(loses=["q-network-tests"])
def probabilities_of_actions() -> dict[str, str]:
    """Ends in a softmax, as a classifier does: values become probabilities."""
    return {
        "build-q-network": replaced(
            CELLS["build-q-network"],
            ("keras.layers.Dense(num_actions)", 'keras.layers.Dense(num_actions, activation="softmax")'),
        )
    }


@wrong(loses=["q-network-tests"])
def no_negative_values() -> dict[str, str]:
    """Ends in a ReLU: no value can be negative, and falling is worth -1."""
    return {
        "build-q-network": replaced(
            CELLS["build-q-network"],
            ("keras.layers.Dense(num_actions)", 'keras.layers.Dense(num_actions, activation="relu")'),
        )
    }


@wrong(loses=["q-network-tests"])
def straight_lines_only() -> dict[str, str]:
    """Forgets the activations: however many layers, the network is linear."""
    return {
        "build-q-network": CELLS["build-q-network"].replace(', activation="relu"', ""),
    }


@wrong(loses=["q-network-tests"])
def one_value_for_the_state() -> dict[str, str]:
    """Gives one value for the state instead of one for each action."""
    return {
        "build-q-network": replaced(
            CELLS["build-q-network"], ("keras.layers.Dense(num_actions)", "keras.layers.Dense(1)")
        )
    }


@wrong(loses=["q-network-tests"])
def made_for_the_pole_alone() -> dict[str, str]:
    """Has the pole's four inputs and two actions written into it."""
    return {
        "build-q-network": replaced(
            CELLS["build-q-network"],
            ("keras.Input(shape=(num_inputs,))", "keras.Input(shape=(4,))"),
            ("keras.layers.Dense(num_actions)", "keras.layers.Dense(2)"),
        )
    }


@wrong(loses=["q-network-tests", "balance-tests"])
def forgets_to_return_the_network() -> dict[str, str]:
    """Builds the network and does not return it."""
    return {
        "build-q-network": replaced(CELLS["build-q-network"], ("return keras.Sequential", "network = keras.Sequential"))
    }


@wrong(loses=["balance-tests"])
def learning_rate_far_too_small() -> dict[str, str]:
    """Chooses a learning rate with which nothing is learned in the time there is."""
    return {"build-q-network": replaced(CELLS["build-q-network"], ("LEARNING_RATE = 0.001", "LEARNING_RATE = 1e-7"))}


# 5. The same update, as a loss


@wrong(loses=["td-loss-tests"])
def target_differentiated_through() -> dict[str, str]:
    """Leaves out `stop_gradient`: the values of the next states are moved towards the predictions."""
    return {
        "td-loss": replaced(
            CELLS["td-loss"],
            (
                f"keras.ops.stop_gradient({TARGET})",
                TARGET,
            ),
        )
    }


@wrong(loses=["td-loss-tests", "balance-tests"])
def prediction_held_still() -> dict[str, str]:
    """Holds the prediction still instead of the target."""
    return {
        "td-loss": replaced(
            CELLS["td-loss"],
            (
                f"keras.ops.stop_gradient({TARGET})",
                TARGET,
            ),
            (
                ONE_HOT,
                f"keras.ops.stop_gradient({ONE_HOT})",
            ),
        )
    }


@wrong(loses=["td-loss-tests"])
def nothing_ends_in_the_loss() -> dict[str, str]:
    """Leaves `terminated` out of the target."""
    return {"td-loss": replaced(CELLS["td-loss"], (" * (1.0 - terminated)", ""))}


@wrong(loses=["td-loss-tests"])
def every_row_with_every_row() -> dict[str, str]:
    """Subtracts a (batch,) from a (batch, 1): every prediction is compared with every target."""
    return {
        "td-loss": replaced(
            CELLS["td-loss"],
            (
                ONE_HOT,
                ONE_HOT.replace("axis=1", "axis=1, keepdims=True"),
            ),
        )
    }


@wrong(loses=["td-loss-tests"])
def all_actions_to_blame() -> dict[str, str]:
    """Compares the values of all actions with the target, not that of the action that was taken."""
    return {
        "td-loss": LOSS_HEADER
        + """    following = keras.ops.max(network(next_states), axis=1)
    target = keras.ops.stop_gradient(rewards + discount * (1.0 - terminated) * following)
    return keras.ops.mean(keras.ops.square(target[:, None] - network(states)))
"""
    }


@wrong(loses=["td-loss-tests"])
def best_value_in_place_of_the_one_taken() -> dict[str, str]:
    """Predicts with the largest value of the state, whatever action was taken."""
    return {
        "td-loss": replaced(
            CELLS["td-loss"],
            (ONE_HOT, "keras.ops.max(values, axis=1)"),
        )
    }


@wrong(loses=["td-loss-tests"])
def mean_of_the_next_values() -> dict[str, str]:
    """Expects the mean of the next values, not the best of them."""
    return {
        "td-loss": replaced(
            CELLS["td-loss"], ("keras.ops.max(network(next_states)", "keras.ops.mean(network(next_states)")
        )
    }


@wrong(loses=["td-loss-tests", "balance-tests"])
def wrong_way_up() -> dict[str, str]:
    """Returns minus the squared error: descending on it makes the errors larger."""
    return {"td-loss": replaced(CELLS["td-loss"], ("return keras.ops.mean(", "return -keras.ops.mean("))}


# Different, and right


@right
def plain_python() -> dict[str, str]:
    """Loops and lists in place of NumPy's functions, the update as a weighted mean."""
    return {
        "epsilon-greedy": EPSILON_HEADER
        + """    num_actions = len(q_values)
    chances = [epsilon / num_actions] * num_actions
    largest = max(q_values)
    best = [action for action in range(num_actions) if q_values[action] == largest]
    for action in best:
        chances[action] += (1 - epsilon) / len(best)
    draw, reached = rng.uniform(), 0.0
    for action, chance in enumerate(chances):
        reached += chance
        if draw < reached:
            return action
    return best[-1]
""",
        "q-update": UPDATE_HEADER
        + """    old = table[state][action]
    target = reward
    if not terminated:
        target += discount * max(table[next_state])
    table[state][action] = (1 - learning_rate) * old + learning_rate * target
    return float(target - old)
""",
        "learn-table": LEARN_HEADER
        + """    table = np.zeros(shape=(world.num_states, world.num_actions))
    for episode in range(num_episodes):
        state, info = world.reset()
        while True:
            action = epsilon_greedy(table[state, :], epsilon, rng)
            next_state, reward, terminated, truncated, info = world.step(action)
            q_update(table, state, action, reward, next_state, terminated, learning_rate, discount)
            if terminated or truncated:
                break
            state = next_state
    return table
""",
    }


@right
def everything_in_one_function() -> dict[str, str]:
    """`learn_table` does without the other parts, and draws actions with `rng.choice` and probabilities."""
    return {
        "epsilon-greedy": EPSILON_HEADER
        + """    q_values = np.asarray(q_values)
    is_best = q_values == q_values.max()
    p = np.full(q_values.size, epsilon / q_values.size) + (1 - epsilon) * is_best / is_best.sum()
    return rng.choice(q_values.size, p=p)
""",
        "learn-table": LEARN_HEADER
        + """    Q = np.zeros((world.num_states, world.num_actions))
    for _ in range(num_episodes):
        s, _ = world.reset()
        terminated = truncated = False
        while not (terminated or truncated):
            if rng.random() < epsilon:
                a = rng.integers(world.num_actions)
            else:
                a = rng.choice(np.where(Q[s] == Q[s].max())[0])
            s2, r, terminated, truncated, _ = world.step(a)
            Q[s, a] += learning_rate * (r + discount * Q[s2].max() * (not terminated) - Q[s, a])
            s = s2
    return Q
""",
    }


@right
def functional_and_dueling() -> dict[str, str]:
    """A dueling network (Wang et al., 2016) in the functional interface: a value, and advantages around it."""
    return {
        "build-q-network": BUILD_HEADER
        + """    states = keras.Input((num_inputs,))
    x = keras.layers.Dense(64, activation="relu")(states)
    value = keras.layers.Dense(1)(keras.layers.Dense(32, activation="relu")(x))
    advantage = keras.layers.Dense(num_actions)(keras.layers.Dense(32, activation="relu")(x))
    return keras.Model(states, value + advantage - keras.ops.mean(advantage, axis=1, keepdims=True))

LEARNING_RATE = 0.001
""",
        "td-loss": LOSS_HEADER
        + """    q = network(states)
    taken = keras.ops.take_along_axis(q, keras.ops.expand_dims(actions, 1), axis=1)[:, 0]
    best_next = keras.ops.stop_gradient(keras.ops.amax(network(next_states), axis=-1))
    target = keras.ops.where(terminated > 0.5, rewards, rewards + discount * best_next)
    return keras.losses.MeanSquaredError()(target, taken)
""",
    }


@right
def a_class_of_its_own() -> dict[str, str]:
    """A subclassed model with tanh, built by a call; a loss that sums and divides."""
    return {
        "build-q-network": """class Network(keras.Model):
    def __init__(self, num_actions):
        super().__init__()
        self.hidden = [keras.layers.Dense(48, activation="tanh") for _ in range(2)]
        self.head = keras.layers.Dense(num_actions)

    def call(self, x):
        for layer in self.hidden:
            x = layer(x)
        return self.head(x)

"""
        + BUILD_HEADER
        + """    network = Network(num_actions)
    network(np.zeros((1, num_inputs), dtype="float32"))
    return network

LEARNING_RATE = 3e-3
""",
        "td-loss": LOSS_HEADER
        + """    ops = keras.ops
    q_next = ops.stop_gradient(network(next_states))
    targets = rewards + discount * ops.max(q_next, axis=1) * (1 - terminated)
    q = network(states)
    mask = ops.cast(ops.expand_dims(actions, 1) == ops.arange(ops.shape(q)[1]), q.dtype)
    errors = ops.sum(q * mask, axis=1) - targets
    return ops.sum(errors**2) / ops.cast(ops.size(errors), errors.dtype)
""",
    }


@right
def small_and_quick() -> dict[str, str]:
    """One hidden layer of 16 units and a larger learning rate; the loss with TensorFlow's own functions."""
    return {
        "build-q-network": BUILD_HEADER
        + """    return keras.Sequential([
        keras.Input((num_inputs,)),
        keras.layers.Dense(16, activation="relu", kernel_initializer="he_normal"),
        keras.layers.Dense(num_actions, activation="linear", kernel_initializer="zeros"),
    ])

LEARNING_RATE = 0.003
""",
        "td-loss": "import tensorflow as tf\n\n"
        + LOSS_HEADER
        + """    best = tf.reduce_max(network(next_states), axis=1)
    target = tf.stop_gradient(rewards + discount * best * (1.0 - terminated))
    values = tf.gather(network(states), actions, batch_dims=1)
    return tf.reduce_mean((values - target) ** 2)
""",
    }
