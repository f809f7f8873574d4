# %% [markdown] text="intro"
# # Learning by trial and error
#
# Nobody tells a child which muscle to move when it learns to ride a bicycle. There are no labelled examples, only
# attempts, and a knee that hurts. The feedback is late, too: the fall came from a mistake made a second before it.
#
# **Reinforcement learning** is about that kind of problem. An *agent* sees the *state* of its world, chooses an
# *action*, receives a *reward* and finds itself in the next state. It wants as much reward as it can get, sooner rather
# than later, and it has to find out by itself how the world works.
#
# ```text
#            ┌─────────── action ──────────┐
#            │                             ▼
#        ┌───────┐                     ┌───────┐
#        │ agent │                     │ world │
#        └───────┘                     └───────┘
#            ▲                             │
#            └──── next state, reward ─────┘
# ```
#
# Q-learning (Christopher Watkins, 1989) is the idea that made much of this work. In this lab you write it twice: with
# a table, for a robot on the ice, and with a neural network, for a pole that wants to fall.
#
# | part | you write | points |
# | --- | --- | --- |
# | 1 | `epsilon_greedy`: when to try something new | 4 |
# | 2 | `q_update`: what to learn from a single step | 7 |
# | 3 | `learn_table`: a robot learns its way over the ice | 10 |
# | 4 | `build_q_network`: a network in place of the table | 4 |
# | 5 | `td_loss`: the same update once more, as a loss | 8 |
# | 6 | (nothing new) your parts learn to balance a pole | 4 |
# | 7 | a question about what must hold still | 3 |
#
# The docstring of each function is its **contract**. The tests below each part catch the first mistakes; the marks come
# from more questions of the same kind, in worlds you have not seen.

# %% text="imports"
import gymnasium
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] text="world-story"
# ## The world
#
# A robot is out on a frozen lake. It has to reach its charger (`G`, reward 1); if it slides into a hole in the ice
# (`H`, reward -1), that was it. Every other step is worth nothing, and blocks of ice (`#`) are in the way. It can move
# up, right, down and left, and on slippery ice it sometimes goes **sideways** instead.
#
# The class below speaks the language of [Gymnasium](https://gymnasium.farama.org), the library that most of the field
# uses, so that what you write here will work there as well. Two methods are all an agent needs:
#
# * `state, info = world.reset()` begins an episode, on any free place of the ice;
# * `state, reward, terminated, truncated, info = world.step(action)` takes one step.
#
# An episode can be over in two ways. **`terminated`**: the story has ended, in the charger or in a hole; nothing comes
# after it. **`truncated`**: only our patience has. The robot still stands somewhere on the ice, and could have gone on.
# Keep the two apart: it will matter in part 3.


# %% text="world"
class World:
    """A frozen lake: `.` ice, `#` block, `H` hole (reward -1, the end), `G` charger (reward 1, the end).

    States are numbered row by row from the top left corner. Actions: 0 up, 1 right, 2 down, 3 left. A step into a block
    or over the edge leaves the robot where it is.

    Args:
        plan: Rows of the map, strings of the same length.
        slip: Probability of sliding to the left or to the right of where the robot wanted to go (half of it each).
        max_steps: An episode is truncated after so many steps.
        seed: Where the world's own chance begins.
    """

    moves = ((-1, 0), (0, 1), (1, 0), (0, -1))
    num_actions = 4

    def __init__(self, plan: list[str], slip: float = 0.0, max_steps: int = 100, seed: int = 0) -> None:
        self.plan, self.slip, self.max_steps = plan, slip, max_steps
        self.shape = len(plan), len(plan[0])
        self.num_states = self.shape[0] * self.shape[1]
        self.starts = [state for state in range(self.num_states) if self.sign(state) == "."]
        self.rng = np.random.default_rng(seed)
        self.steps_left = 0

    def sign(self, state: int) -> str:
        """What the map shows at a state."""
        return self.plan[state // self.shape[1]][state % self.shape[1]]

    def reset(self) -> tuple[int, dict]:
        """Begin an episode: the state it begins in, and a dict that Gymnasium's users expect and we leave empty."""
        self.state, self.steps_left = int(self.rng.choice(self.starts)), self.max_steps
        return self.state, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict]:
        """Take a step: the next state, the reward, whether the episode terminated, whether it was truncated, {}."""
        if self.steps_left == 0:
            raise RuntimeError("this episode is over (terminated or truncated): begin the next one with reset()")
        if self.rng.random() < self.slip:
            action += int(self.rng.choice((-1, 1)))
        row, column = np.add(divmod(self.state, self.shape[1]), self.moves[action % 4]).tolist()
        if 0 <= row < self.shape[0] and 0 <= column < self.shape[1] and self.plan[row][column] != "#":
            self.state = row * self.shape[1] + column
        reward = {"G": 1.0, "H": -1.0}.get(self.sign(self.state), 0.0)
        terminated = reward != 0.0
        self.steps_left = 0 if terminated else self.steps_left - 1
        return self.state, reward, terminated, self.steps_left == 0 and not terminated, {}


def draw(axis: plt.Axes, world: World, table: np.ndarray, title: str) -> None:
    """Draw the best value of each place as a colour, and the action that has it as an arrow."""
    best = np.array([table[s].max() if world.sign(s) == "." else np.nan for s in range(world.num_states)])
    axis.imshow(best.reshape(world.shape), cmap="RdYlGn", vmin=-1, vmax=1)
    for state in range(world.num_states):
        row, column = divmod(state, world.shape[1])
        sign = world.sign(state)
        if sign == "." and np.ptp(table[state]) > 0:
            sign = "↑→↓←"[table[state].argmax()]
        axis.text(column, row, sign.replace(".", ""), ha="center", va="center", fontsize=12)
    axis.set_title(title)
    axis.set_xticks([])
    axis.set_yticks([])


LAKE = [
    "........",
    ".##..#..",
    "...HH...",
    ".#......",
    "..HHHH.G",
]

# %% text="show-world"
if __name__ == "__main__":
    figure, axis = plt.subplots(figsize=(5, 3))
    lake = World(LAKE)
    draw(axis, lake, np.zeros((lake.num_states, lake.num_actions)), "The lake")
    plt.show()

# %% [markdown] text="epsilon-story"
# ## 1. When to try something new
#
# Suppose the agent already had a number for each action it can take now: how much reward it may expect from it. Then it
# should take the action with the largest number, no? Only if the numbers are right. They are guesses, made from few
# attempts, and whoever always does what seemed best so far never finds out about the rest. Anyone who always orders the
# same dish knows the problem.
#
# The simplest way out is called **epsilon-greedy**: with a small probability $\varepsilon$ do anything at all, else do
# what looks best. And where several actions look equally good, take any *of them*: at the beginning, when all numbers
# are 0, an agent that always takes the first of equals marches straight into the wall.


# %% solution="epsilon-greedy"
def epsilon_greedy(q_values: np.ndarray, epsilon: float, rng: np.random.Generator) -> int:
    """Choose an action: usually the best one, sometimes any.

    Args:
        q_values: What each action is worth in the present state, shape (num_actions,); any number of actions.
        epsilon: Probability of exploring: of choosing among **all** actions, the best one included, with equal chances.
        rng: All chance comes from here, so that an experiment can be repeated.

    Returns:
        The action, a whole number from 0 to num_actions - 1. Whoever does not explore takes the one with the largest
        value; where several share the largest value, each of these has the same chance.
    """
    # BEGIN SOLUTION
    if rng.random() < epsilon:
        return int(rng.integers(len(q_values)))
    best = np.flatnonzero(q_values == np.max(q_values))
    return int(rng.choice(best))
    # END SOLUTION


# %% text="choose-often"
def choose_often(q_values: np.ndarray, epsilon: float, times: int, rng: np.random.Generator) -> np.ndarray:
    """Ask `epsilon_greedy` many times; its choices, shape (times,)."""
    return np.array([epsilon_greedy(q_values, epsilon, rng) for _ in range(times)])


# %% tests="epsilon-greedy-tests" points=4
if __name__ == "__main__":
    rng = np.random.default_rng(0)
    choices = choose_often(np.array([0.0, 2.0, 1.0, -5.0]), 0.4, 2000, rng)
    assert set(choices) == {0, 1, 2, 3}, "with epsilon 0.4, every action is taken now and then, the worst one too"
    assert set(choose_often(np.array([0.0, 2.0, 1.0]), 0.0, 100, rng)) == {1}, "with epsilon 0, only the best action"
    assert set(choose_often(np.array([3.0, 1.0, 3.0]), 0.0, 100, rng)) == {0, 2}, "two best actions: both are taken"

    plt.figure(figsize=(4, 2.5))
    plt.bar(range(4), np.bincount(choices, minlength=4) / len(choices))
    plt.xticks(range(4), ["worth 0", "worth 2", "worth 1", "worth -5"])
    plt.ylabel("share of 2,000 choices")
    plt.show()

# %% [markdown] text="update-story"
# ## 2. What to learn from a single step
#
# Now for the numbers. Let $Q(s, a)$ be how much reward is to come, in all, if the agent takes action $a$ in state $s$
# and acts as well as it can from there on. "To come" is counted with a **discount** $\gamma$ a little below 1: a reward
# in $k$ steps is worth $\gamma^k$ of the same reward now, so hurrying pays.
#
# How would one know such a number without waiting for the end of every episode? Watkins' answer: *learn a guess from a
# guess*. After one step the agent knows a little more than before it. It has seen a real reward $r$, it stands in a
# real next state $s'$, and of that state, too, it has an opinion. So the step suggests a better value, the **target**:
#
# $$\text{target} = r + \gamma \, \max_{a'} Q(s', a') \qquad \text{(or just } r \text{, if the episode
# terminated: nothing comes after the end)}$$
#
# The surprise, $\delta = \text{target} - Q(s, a)$, is called the **temporal-difference error**. One step may have been
# luck, so the table only moves a part of the way, with a learning rate $\alpha$:
#
# $$Q(s, a) \leftarrow Q(s, a) + \alpha \, \delta$$
#
# Take a pencil: $Q(s, a) = 0.5$, $r = 0$, the values in $s'$ are $0.2, 1, 0$ and $0.4$; $\gamma = 0.9$ and $\alpha =
# 0.5$. What does $Q(s, a)$ become? And what, if the same step had ended the episode?


# %% solution="q-update"
def q_update(
    table: np.ndarray,
    state: int,
    action: int,
    reward: float,
    next_state: int,
    terminated: bool,
    learning_rate: float,
    discount: float,
) -> float:
    """Learn from one step: move one entry of the table towards its target, in place, and leave the others alone.

    Args:
        table: Q, shape (num_states, num_actions); `table[state, action]` is changed.
        state: Where the agent was.
        action: What it did there.
        reward: What it got for it.
        next_state: Where it is now.
        terminated: Whether the episode ended with this step: then nothing is to come, whatever the table says.
        learning_rate: alpha, the part of the way to go, from 0 to 1.
        discount: gamma, from 0 to 1.

    Returns:
        The temporal-difference error: the target minus the entry's old value.
    """
    # BEGIN SOLUTION
    target = reward if terminated else reward + discount * table[next_state].max()
    error = target - table[state, action]
    table[state, action] += learning_rate * error
    return error
    # END SOLUTION


# %% text="replay"
Step = tuple[int, int, float, int, bool]


def replay(
    table: np.ndarray, steps: list[Step], learning_rate: float, discount: float
) -> tuple[np.ndarray, list[float]]:
    """Apply `q_update` to a copy of the table, step by step; the copy, and the errors.

    Args:
        table: Where to begin, shape (num_states, num_actions).
        steps: What was lived through: (state, action, reward, next_state, terminated) each.
        learning_rate: alpha.
        discount: gamma.
    """
    table = np.array(table, dtype=float)
    return table, [q_update(table, *step, learning_rate, discount) for step in steps]


# %% tests="q-update-tests" points=7
if __name__ == "__main__":
    before = np.array([[0.0, 0.5, 0.0, 0.0], [0.2, 1.0, 0.0, 0.4]])
    after, errors = replay(before, [(0, 1, 0.0, 1, False)], learning_rate=0.5, discount=0.9)
    assert np.isclose(after[0, 1], 0.7), f"half the way from 0.5 to a target of 0.9, received {after[0, 1]}"
    assert np.isclose(errors[0], 0.4), f"the error is target - old value = 0.9 - 0.5, received {errors[0]}"
    after, errors = replay(before, [(0, 1, 1.0, 1, True)], learning_rate=0.5, discount=0.9)
    assert np.isclose(after[0, 1], 0.75), f"after the end nothing is to come: the target is 1, received {after[0, 1]}"
    after[0, 1] = before[0, 1]
    assert np.array_equal(before, after), "only table[state, action] changes"

# %% [markdown] text="flow-story"
# What does such a modest rule add up to? Let the robot walk along a corridor to its charger, again and again. The
# reward waits at the very end, and after the first walk only the last place knows of it. Watch the knowledge travel
# backwards: each walk carries it one place further, and in the end each place is worth $\gamma$ times the next.

# %% text="show-flow"
if __name__ == "__main__":
    walk = [(place, 1, float(place == 6), place + 1, place == 6) for place in range(7)]
    table, seen = np.zeros((8, 4)), []
    for _ in range(7):
        table, _ = replay(table, walk, learning_rate=0.9, discount=0.9)
        seen.append(table[:7].max(axis=1))
    plt.figure(figsize=(6, 3))
    plt.imshow(seen, cmap="Greens", vmin=0, vmax=1)
    plt.colorbar(label="value")
    plt.xlabel("place in the corridor (the charger is to the right of 6)")
    plt.ylabel("walks so far")
    plt.yticks(range(7), range(1, 8))
    plt.show()

# %% [markdown] text="learning-story"
# ## 3. Over the ice
#
# Now close the loop: reset, choose, step, learn, until the episode is over; and again. That is all of Q-learning, and
# with enough attempts everywhere it finds the best values there are (Watkins and Dayan proved it in 1992).
#
# Two things to think about before you write:
#
# * The loop ends when the episode is over **in either way**. But only one of the two may cut off the target. If the
#   robot ran out of time, something *was* still to come, and the table's opinion of it counts.
# * Q-learning learns about the *best* behaviour while it behaves in another way: it may explore as wildly as it likes,
#   for the target asks what the best action would bring, not the one that is taken next. (It is *off-policy*, as the
#   field says.)


# %% solution="learn-table"
def learn_table(
    world: World, num_episodes: int, learning_rate: float, epsilon: float, discount: float, rng: np.random.Generator
) -> np.ndarray:
    """Learn the values of all actions by playing episodes, epsilon-greedily, and learning from every step at once.

    Of the world it uses `reset`, `step`, `num_states` and `num_actions`, nothing else: an agent has no map.

    Args:
        world: Where to play.
        num_episodes: How many episodes, each from `reset` until it is terminated or truncated.
        learning_rate: alpha of `q_update`, the same throughout.
        epsilon: Of `epsilon_greedy`, the same throughout.
        discount: gamma.
        rng: Where the agent's chance comes from: same world, same generator, same table.

    Returns:
        The table, shape (world.num_states, world.num_actions). It began with zeros.
    """
    # BEGIN SOLUTION
    table = np.zeros((world.num_states, world.num_actions))
    for _ in range(num_episodes):
        state, _ = world.reset()
        over = False
        while not over:
            action = epsilon_greedy(table[state], epsilon, rng)
            next_state, reward, terminated, truncated, _ = world.step(action)
            q_update(table, state, action, reward, next_state, terminated, learning_rate, discount)
            state, over = next_state, terminated or truncated
    return table
    # END SOLUTION


# %% tests="learn-table-tests" points=6
if __name__ == "__main__":
    corridor = World(["....G"], max_steps=10)
    table = learn_table(corridor, 300, 0.5, 0.5, 0.9, np.random.default_rng(0))
    assert table.shape == (5, 4), f"one row for each state, one column for each action, received {table.shape}"
    to_the_right = [0.9**3, 0.9**2, 0.9, 1.0]
    assert np.allclose(table[:4, 1], to_the_right, atol=0.01), f"expected {to_the_right}, received {table[:4, 1]}"
    assert (table[:4].argmax(axis=1) == 1).all(), "the best way to the charger leads to the right"

# %% [markdown] text="ice-story"
# And now the lake, once when the ice is dry and once when it is slippery and one step in five goes astray. The robot is
# never told which. **Look at the strip between the holes**, and at the place to the left of it.

# %% text="learn-lake"
if __name__ == "__main__":
    rng = np.random.default_rng(1)
    dry, slippery = World(LAKE, slip=0.0, seed=1), World(LAKE, slip=0.2, seed=1)
    dry_table = learn_table(dry, 1000, 0.5, 1.0, 0.95, rng)
    slippery_table = learn_table(slippery, 4000, 0.05, 1.0, 0.95, rng)

    figure, axes = plt.subplots(1, 2, figsize=(10, 3.2))
    draw(axes[0], dry, dry_table, "Dry ice: the short way")
    draw(axes[1], slippery, slippery_table, "Slippery ice: rather walk around")
    plt.show()


# %% text="mean-return"
def mean_return(world: World, table: np.ndarray, num_episodes: int, discount: float) -> float:
    """Take the best action of the table in every step; the mean discounted reward of an episode."""
    total = 0.0
    for _ in range(num_episodes):
        (state, _), over, worth = world.reset(), False, 1.0
        while not over:
            state, reward, terminated, truncated, _ = world.step(int(table[state].argmax()))
            total, worth, over = total + worth * reward, worth * discount, terminated or truncated
    return total / num_episodes


# %% tests="policy-tests" points=4
if __name__ == "__main__":
    # The optimum comes from value iteration, which is given the map and its probabilities; your robot was not.
    for name, table, optimum in (("dry", dry_table, 0.773), ("slippery", slippery_table, 0.618)):
        found = mean_return(World(LAKE, slip=0.0 if name == "dry" else 0.2), table, 500, 0.95)
        print(f"{name} ice: {found:.2f} in the mean of 500 episodes, the best there is: {optimum:.2f}")
        assert found > 0.7 * optimum, "the learned way should earn most of what can be earned"

# %% [markdown] text="network-story"
# ## 4. A network in place of the table
#
# A pole stands on a cart. Push the cart to the left (action 0) or to the right (action 1), fifty times a second, so
# that the pole does not fall. A state is four numbers: the cart's position and speed, the pole's angle and its speed.
#
# This is *CartPole* (A. Barto, R. Sutton and C. Anderson, 1983), and a table is of no use for it: no two states are
# ever quite the same, so the table would have no row for the state the agent is in. What is needed is something that
# *generalises*: that knows what to do in a state because it has seen others like it. You know what does that.
#
# The network takes a state and gives the values of **all** actions at once, so that one look is enough to choose. They
# are values, not probabilities: any size, either sign.

# %% text="show-pole"


def draw_poles(states: np.ndarray, title: str) -> None:
    """Draw carts and poles side by side, one for each state (position, speed, angle, angular speed)."""
    figure, axes = plt.subplots(1, len(states), figsize=(1.5 * len(states), 1.6))
    for axis, (position, _, angle, _) in zip(axes, states, strict=True):
        axis.plot([-2.4, 2.4], [0, 0], color="lightgrey")
        axis.plot([position - 0.4, position + 0.4], [0, 0], linewidth=6, color="black")
        axis.plot([position, position + 2 * np.sin(angle)], [0.1, 0.1 + 2 * np.cos(angle)], linewidth=3)
        axis.set(xlim=(-2.4, 2.4), ylim=(-0.4, 2.4))
        axis.axis("off")
    figure.suptitle(title)
    plt.show()


if __name__ == "__main__":
    poles = gymnasium.make("CartPole-v1")
    state, _ = poles.reset(seed=5)
    rng, seen, terminated = np.random.default_rng(5), [], False
    while not terminated:
        seen.append(state)
        state, _, terminated, _, _ = poles.step(int(rng.integers(2)))
    draw_poles(np.array(seen)[:: len(seen) // 7 + 1], f"Pushed at random, it falls after {len(seen)} steps")

# %% [markdown] text="build-story"
# How you build it is up to you. Two hidden layers of 32 to 64 units are plenty; a much larger network only learns more
# slowly. Beside the network, choose the learning rate with which Adam will train it in part 6: 0.001 suits most
# networks, very small ones want more.


# %% solution="build-q-network"
def build_q_network(num_inputs: int, num_actions: int) -> keras.Model:
    """Build a network that maps states to the values of all actions; part 6 compiles and trains it.

    The network is built (its weights exist) and all of it can learn. Its outputs may become any numbers, large or
    small, of either sign, and it can learn values that are not a straight-line function of the state.

    Args:
        num_inputs: How many numbers describe a state.
        num_actions: How many actions there are.

    Returns:
        A Keras model from states of shape (batch, num_inputs) to values of shape (batch, num_actions).
    """
    # BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(shape=(num_inputs,)),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(num_actions),
        ]
    )
    # END SOLUTION


# BEGIN SOLUTION
LEARNING_RATE = 0.001
# END SOLUTION

# %% tests="q-network-tests" points=4
if __name__ == "__main__":
    network = build_q_network(4, 2)
    network.summary()
    values = network.predict_on_batch(np.zeros((5, 4), dtype="float32"))
    assert values.shape == (5, 2), f"expected a row of two values for each of five states, received {values.shape}"
    values = build_q_network(6, 3).predict_on_batch(np.zeros((1, 6), dtype="float32"))
    assert values.shape == (1, 3), f"any number of inputs and actions: expected a row of three, received {values.shape}"
    assert LEARNING_RATE > 0, "choose a learning rate for Adam: LEARNING_RATE"

# %% [markdown] text="loss-story"
# ## 5. The same update, as a loss
#
# You cannot write into a network as you write into a table; you can only give it a loss and let the gradient do the
# rest. Which loss makes a gradient step do what `q_update` did? The squared temporal-difference error:
#
# $$L = \frac{1}{n} \sum_{i=1}^{n} \big(\text{target}_i - Q(s_i, a_i)\big)^2, \qquad
# \text{target}_i = r_i + \gamma \, (1 - \text{terminated}_i) \, \max_{a'} Q(s'_i, a')$$
#
# There is a trap. The same network stands on **both sides**: it makes the prediction $Q(s_i, a_i)$, and it makes the
# target. A gradient will happily go through both, and then the loss has two ways to become small. It can make the
# prediction more like what came after it, which is learning. Or it can make what came after it more like the
# prediction: rewrite the future until it suits the past.
#
# `q_update` did only the first: it moved $Q(s, a)$ and left the rest alone. So the target has to **hold still**, as if
# it were a number somebody had written down: `keras.ops.stop_gradient(target)` does that. (What remains is not the
# gradient of any loss, and is called a *semi-gradient*.)
#
# Write it with `keras.ops` (`keras.ops.max`, `mean`, `square`, `one_hot`, `take_along_axis`, ... work like NumPy's):
# NumPy leaves no trace that a gradient could follow. Mind the shapes: a `(batch, 1)` minus a `(batch,)` is a `(batch,
# batch)`, and no error at all.


# %% solution="td-loss"
def td_loss(
    network: keras.Model,
    states: np.ndarray,
    actions: np.ndarray,
    rewards: np.ndarray,
    next_states: np.ndarray,
    terminated: np.ndarray,
    discount: float,
):
    """The mean squared temporal-difference error of a batch of steps, to be minimised. The target is held still.

    Args:
        network: Maps states, shape (batch, num_inputs), to values, shape (batch, num_actions).
        states: Where the agent was, shape (batch, num_inputs), float32.
        actions: What it did, shape (batch,), int32.
        rewards: What it got, shape (batch,), float32.
        next_states: Where it came to, shape (batch, num_inputs), float32.
        terminated: 1.0 where the episode ended with this step, 0.0 elsewhere, shape (batch,), float32.
        discount: gamma.

    Returns:
        A scalar tensor, made with `keras.ops`. Its gradient flows through the values of the actions that were taken,
        and through nothing else.
    """
    # BEGIN SOLUTION
    following = keras.ops.max(network(next_states), axis=1)
    target = keras.ops.stop_gradient(rewards + discount * (1.0 - terminated) * following)
    values = network(states)
    predicted = keras.ops.sum(values * keras.ops.one_hot(actions, values.shape[-1]), axis=1)
    return keras.ops.mean(keras.ops.square(target - predicted))
    # END SOLUTION


# %% [markdown] text="learner-story"
# To try it, no pole is needed. **A table is a network**, too: one dense layer without a bias, and states written as
# one-hot rows. Then $Q(s, \cdot)$ is row $s$ of the weights, and one step of plain gradient descent on `td_loss` has to
# change the weights exactly as `q_update` changes a table (with $\alpha = 2 \times$ the learning rate, for the square
# brings a factor of 2). The tests below compare the two: the same update, found on two ways.
#
# `Learner` is a few lines of plumbing between `td_loss` and Keras' `train_on_batch`.

# %% text="learner"
BATCH = ("states", "actions", "rewards", "next_states", "terminated")


class Learner(keras.Model):
    """Lets `train_on_batch` minimise `td_loss` of a network; a batch is a dict with the arrays named in BATCH."""

    def __init__(self, network: keras.Model, discount: float) -> None:
        super().__init__()
        self.network, self.discount = network, discount

    def call(self, batch: dict) -> object:
        """The values of the states."""
        return self.network(batch["states"])

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> object:
        """Your loss; Keras asks for it in every step, and follows its gradient."""
        return td_loss(self.network, *(x[name] for name in BATCH), self.discount)


def table_network(table: np.ndarray) -> keras.Model:
    """A network that is a table: from one-hot states, shape (batch, num_states), to the rows of the table."""
    num_states, num_actions = table.shape
    network = keras.Sequential([keras.Input(shape=(num_states,)), keras.layers.Dense(num_actions, use_bias=False)])
    network.set_weights([table])
    return network


def one_hot_batch(steps: list[Step], num_states: int) -> dict[str, np.ndarray]:
    """Steps, as `replay` takes them, as a batch for `table_network`."""
    states, actions, rewards, next_states, terminated = (np.array(column) for column in zip(*steps, strict=True))
    rows = np.eye(num_states, dtype="float32")
    return {
        "states": rows[states],
        "actions": actions.astype("int32"),
        "rewards": rewards.astype("float32"),
        "next_states": rows[next_states],
        "terminated": terminated.astype("float32"),
    }


def learn_once(network: keras.Model, batch: dict[str, np.ndarray], learning_rate: float, discount: float) -> float:
    """Take one step of plain gradient descent on `td_loss`, in place; the loss before it."""
    learner = Learner(network, discount)
    learner.compile(optimizer=keras.optimizers.SGD(learning_rate))
    return float(learner.train_on_batch(batch))


# %% tests="td-loss-tests" points=8
if __name__ == "__main__":
    before = np.array([[0.0, 0.5, 0.0, 0.0], [0.2, 1.0, 0.0, 0.4]])
    for step in ((0, 1, 0.0, 1, False), (0, 1, 1.0, 1, True)):
        network, batch = table_network(before), one_hot_batch([step], num_states=2)
        expected, errors = replay(before, [step], learning_rate=0.5, discount=0.9)
        loss = float(td_loss(network, *(batch[name] for name in BATCH), 0.9))
        assert np.isclose(loss, errors[0] ** 2, atol=1e-6), f"expected the squared error {errors[0]}, received {loss}"
        learn_once(network, batch, learning_rate=0.25, discount=0.9)
        after = network.get_weights()[0]
        assert np.allclose(after[0, 1], expected[0, 1], atol=1e-6), "the value of the action that was taken moves"
        assert np.allclose(after, expected, atol=1e-6), "no other value moves: those of the next state hold still"

# %% [markdown] text="pole-story"
# ## 6. Balance
#
# All parts are there; the loop is the one you wrote for the robot, with three changes. Read it: you know every line.
#
# 1. **The reward.** Nothing for standing, -1 for falling. So $Q$ tells *how soon it will fall*: $-\gamma^{k}$ if that
#    is $k$ steps away.
# 2. **A memory.** Steps that follow each other are nearly the same, and a network that learns from one thing at a time
#    forgets the others. So the agent remembers every step, and learns from 64 of its memories at once, drawn at random
#    (*experience replay*: L.-J. Lin, 1992).
# 3. **Rehearsals.** A network that chases its own opinion does not get better with every step: a skill that took a
#    minute to learn may be lost in a second. Every 250 steps we let it show what it can do, with eight poles. It may
#    stop as soon as they stand for 195 of 200 steps on average; if they never do, we keep the weights of its best
#    rehearsal.
#
# A cart that is pushed at random keeps its pole up for about 22 steps. You get **full marks from 80 steps** in the
# mean of new attempts (they are stopped after 200), nothing up to 30, and in proportion between.


# %% text="learn-pole"
def balance(network: keras.Model, num_poles: int, seed: int, longest: int) -> np.ndarray:
    """Let the network do what it thinks best for several poles side by side; how many steps each stood."""
    poles = [gymnasium.make("CartPole-v1", max_episode_steps=longest) for _ in range(num_poles)]
    states = np.stack([pole.reset(seed=seed + number)[0] for number, pole in enumerate(poles)])
    steps, standing = np.zeros(num_poles, dtype=int), set(range(num_poles))
    while standing:
        actions = network.predict_on_batch(states).argmax(axis=1)
        for number in sorted(standing):
            states[number], _, terminated, truncated, _ = poles[number].step(int(actions[number]))
            steps[number] += 1
            if terminated or truncated:
                standing.remove(number)
    return steps


def learn_pole(
    network: keras.Model, learning_rate: float, num_steps: int = 4000, seed: int = 0
) -> tuple[list[int], dict[int, float]]:
    """Train the network in place until a rehearsal goes well; the lengths of the episodes, the rehearsals by step."""
    pole, rng = gymnasium.make("CartPole-v1"), np.random.default_rng(seed)
    learner = Learner(network, discount=0.95)
    learner.compile(optimizer=keras.optimizers.Adam(learning_rate))
    shapes = ((4,), (), (), (4,), ())
    memory = {name: np.zeros((num_steps, *shape), "float32") for name, shape in zip(BATCH, shapes, strict=True)}
    memory["actions"] = memory["actions"].astype("int32")
    lengths, rehearsals, best = [0], {}, network.get_weights()
    tilted = {"low": -0.2, "high": 0.2}  # begin in more states than a calm start would show
    state, _ = pole.reset(seed=seed, options=tilted)
    for step in range(num_steps):
        epsilon = max(0.05, 1 - step / 1500)  # curious at first, then more and more sure of itself
        action = epsilon_greedy(network.predict_on_batch(state[None])[0], epsilon, rng)
        next_state, _, terminated, truncated, _ = pole.step(action)
        reward = -1.0 if terminated else 0.0
        for name, value in zip(BATCH, (state, action, reward, next_state, terminated), strict=True):
            memory[name][step] = value
        state, lengths[-1] = next_state, lengths[-1] + 1
        if terminated or truncated:
            state, _ = pole.reset(options=tilted)
            lengths.append(0)
        if step >= 200:
            drawn = rng.integers(step + 1, size=64)
            learner.train_on_batch({name: values[drawn] for name, values in memory.items()})
        if step >= 700 and (step + 1) % 250 == 0:
            shown = float(balance(network, 8, seed=seed + step, longest=200).mean())
            if shown > max(rehearsals.values(), default=0.0):
                best = network.get_weights()
            rehearsals[step + 1] = shown
            if shown >= 195:
                break
    network.set_weights(best)
    return lengths[:-1], rehearsals


# %% [markdown] text="trained-story"
# The next cell takes some seconds: some networks need more attempts than others. It is `q_network`, as this cell leaves
# it, that is judged on new attempts.

# %% text="train-pole"
if __name__ == "__main__":
    q_network = build_q_network(4, 2)
    lengths, rehearsals = learn_pole(q_network, LEARNING_RATE)

    figure, axes = plt.subplots(1, 2, figsize=(9, 3))
    axes[0].plot(lengths, ".")
    axes[0].set(xlabel="episode", ylabel="steps until the pole fell", title="While it learned, and explored")
    axes[1].plot(list(rehearsals), list(rehearsals.values()), "o-")
    axes[1].axhline(22, color="grey", linestyle=":")
    axes[1].set(xlabel="steps it has learned from", ylabel="mean steps", title="Rehearsals (dotted: at random)")
    plt.show()

# %% tests="balance-tests" points=4
if __name__ == "__main__":
    stood = balance(q_network, num_poles=16, seed=1000, longest=200)
    print(f"on new attempts, at most 200 steps each, the pole stood for {stood.mean():.0f} steps on average")
    assert stood.mean() > 30, "it should stand longer than at random"

# %% [markdown] text="question"
# ## 7. What must hold still
#
# Somebody leaves `stop_gradient` out. Take one step from $s$ to $s'$ with $r = 0$ and $\gamma = 1$, where the table
# says $Q(s, a) = 0.6$ and $\max_{a'} Q(s', a') = 0.2$. The second number is right: the agent has been in $s'$ often.
#
# In four to eight sentences: **which entries of the table does one gradient step change, and in which direction, with
# and without `stop_gradient`? Why is the version without it wrong here, although it makes the loss smaller, too, and
# even faster?** Say what would become of the knowledge that flowed backwards through the corridor of part 2.

# %% [markdown] answer="why-still" points=3
# The error is 0.2 - 0.6 = -0.4. With `stop_gradient` only $Q(s, a)$ moves: down, towards 0.2. Without it the gradient
# goes through both sides: $Q(s, a)$ moves down, and the largest entry of $Q(s', \cdot)$ moves **up** by as much (for
# $\gamma = 1$). They meet halfway, so the loss falls faster.
#
# But the value of $s'$ was right. It was learned from what really came after $s'$, and a mistaken guess about the state
# *before* it is no news about what comes after it. Information has to flow from later to earlier, for the reward stands
# at the end; the full gradient lets it flow in both directions, and spoils what is known with what is only guessed. In
# the corridor, each place would pull the next one down to its own ignorance while it is being pulled up by it: the
# value next to the charger, which the first walk got right, is dragged back by all those places that know nothing
# yet. A small loss only says that neighbouring values agree, not that they are right.
#
# **Marking guide.** 1 point: with `stop_gradient` only $Q(s, a)$ moves, down; without it $\max_{a'} Q(s', a')$ moves as
# well, up (directions right for both). 1 point: why that is wrong: the next state's value is the better known one, it
# depends only on what comes after it; a small loss means that values agree with each other, not that they are right.
# 1 point: the corridor: values flow backwards from the reward, and without `stop_gradient` later places are pulled down
# by earlier ones that know nothing yet (slower, or wrong for a long time). Half a point for a right idea without a
# reason. No point for "it is more stable" alone.
