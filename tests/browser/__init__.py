"""Students, TAs and instructors at a real browser: real Jupyter servers on loopback, nbgrader's own extensions."""
