"""nbgrader's settings of the arena."""

c = get_config()  # noqa: F821 - nbgrader defines it
c.CourseDirectory.course_id = "arena"
