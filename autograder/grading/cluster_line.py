"""The line to a Dask scheduler: who is there, what is sent, and a sentence for everything that can be in the way."""

from __future__ import annotations

import contextlib
import logging
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from distributed import Client, Future, Security

from autograder.errors import ClusterError
from autograder.grading.cluster_worker import StationPlugin, differences, installed, judge
from autograder.grading.key import NOT_JUDGING
from autograder.grading.parcel import pack
from autograder.grading.scheduler import Scheduler
from autograder.grading.task import Judged, Settings, Task

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
WORKERS_SECONDS = 60.0  # without a single worker: one that is started again is back in a few seconds
CLOSE_SECONDS = 5.0
RESUME = "what is graded stays graded, and the same command goes on"

Heard = Callable[[Mapping[str, Any]], None]
"""Told, in another thread, what a worker announces: its address, the slot's number, the `Running` as JSON."""


class Line:
    """Connected when it is made, until it is hung up.

    Args:
        scheduler: Where the scheduler is, and what of its workers' resources a submission takes.
        name: The same for the same course, and no other: what a killed run left at the workers is replaced.

    Raises:
        ClusterError: Nobody answers there.
    """

    def __init__(self, scheduler: Scheduler, name: str) -> None:
        self._scheduler = scheduler
        self._name = name
        self._manned = time.monotonic()
        for one in ("distributed", "distributed.client", "distributed.core"):
            logging.getLogger(one).setLevel(logging.CRITICAL)  # what matters of it is said in a sentence
        _require_credentials(scheduler.address)
        try:
            self._client = Client(scheduler.address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise ClusterError(
                f"expected a Dask scheduler at {scheduler.address}, found none that answers ({_told(error)}); name the "
                "address that `dask scheduler` prints, or leave --scheduler out to grade on this machine"
            ) from error

    def require(self) -> None:
        """Raise ClusterError when the scheduler is gone."""
        if self._client.status != "running":
            raise self._lost("it has hung up")

    def places(self) -> int:
        """How many submissions its workers can take at a time.

        Raises:
            ClusterError: None for a while.
        """
        workers = self._ask("identity")["workers"].values()
        found = sum(places(one["nthreads"], one["resources"], self._scheduler.resources) for one in workers)
        now = time.monotonic()
        if found:
            self._manned = now
        elif now - self._manned > WORKERS_SECONDS:
            wanted = "".join(f", with {name}={amount:g}" for name, amount in self._scheduler.resources.items())
            raise ClusterError(
                f"expected workers at the scheduler {self._scheduler.address}{wanted}, found none for "
                f"{WORKERS_SECONDS:.0f} s (without that: {len(workers)}); start some with "
                f"`dask worker {self._scheduler.address} --nthreads 1`, then run the same command: {RESUME}"
            )
        return found

    def prepare(self, settings: Settings, lab: Path | None, heard: Heard) -> None:
        """Compare what is installed there, then send all workers, those to come too, what judging takes.

        Raises:
            ClusterError: Workers that may not judge.
        """
        expected = installed()
        self._require_importable(self._installed("scheduler"), "the scheduler")
        for worker, found in self._installed("workers").items():
            self._require_importable(found, worker)
            if isinstance(found, dict) and (other := differences(expected, found)):
                raise ClusterError(
                    f"expected the grader's own versions at every worker, found at {worker}: {other}; marks must not "
                    "follow from where they are made, so start it in the same environment"
                )
        parcel = pack(lab, NOT_JUDGING) if lab is not None else None
        plugin = StationPlugin(self._name, settings.model_dump_json(), parcel, expected)
        with self._reached():
            self._client.subscribe_topic(self._name, lambda event: heard(event[1]))
            self._client.register_plugin(plugin, name=self._name)

    def send(self, task: Task, place: str, attempt: int, done: Callable[[], None]) -> Future[Any]:
        """Send a task and its files; `done` is called in another thread when something has come of it."""
        with self._reached(), warnings.catch_warnings():
            # a submission is as large as it is
            warnings.filterwarnings("ignore", message="Sending large graph", category=UserWarning)
            future: Future[Any] = self._client.submit(
                judge,
                self._name,
                place,
                task.model_dump_json(),
                pack(Path(task.folder)),
                key=f"judge-{place}-{attempt}",
                resources=dict(self._scheduler.resources) or None,
                pure=False,
            )
        future.add_done_callback(lambda _: done())
        return future

    def hang_up(self, futures: list[Future[Any]]) -> None:
        """Call back what is on its way, and have the workers close their sandboxes."""
        with contextlib.suppress(Exception):  # a scheduler that is lost has nothing to be told
            if self._client.status == "running":
                self._client.cancel(futures, force=True)
                self._ask("unregister_worker_plugin", name=self._name)
                self._ask("set_metadata", keys=[self._name], value={})
        self._client.close(timeout=CLOSE_SECONDS)

    def require_usable(self, judged: Judged) -> None:
        """Raise ClusterError when the machine that answers cannot judge."""
        if judged.unusable:
            raise ClusterError(
                f"expected every worker of {self._scheduler.address} to judge, received: {judged.unusable}; put it "
                f"right or stop that worker, then run the same command: {RESUME}"
            )

    def cancelled(self) -> ClusterError:
        """What to raise when the cluster has dropped a submission."""
        return self._lost("submissions were cancelled there")

    def _ask(self, what: str, **arguments: object) -> Any:
        """The scheduler's answer."""
        with self._reached():
            return self._client.sync(
                getattr(self._client.scheduler, what), callback_timeout=ANSWER_SECONDS, **arguments
            )

    def _installed(self, where: Literal["scheduler", "workers"]) -> Any:
        """What is installed there, or the exception that asking came to."""
        with self._reached():
            if where == "workers":
                return self._client.run(installed, on_error="return")
            try:
                return self._client.run_on_scheduler(installed)
            except OSError:
                raise
            except Exception as error:  # noqa: BLE001 - of what class is for Dask to say
                return error

    def _require_importable(self, found: object, where: str) -> None:
        if isinstance(found, Exception) and not isinstance(found, OSError):  # those are lost just now
            raise ClusterError(
                f"expected autograder, as it is here, at the scheduler and every worker, received of {where}: {found}; "
                "start it in the grader's own environment"
            )

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (OSError, RuntimeError) as error:  # time-outs and closed lines are OSErrors
            raise self._lost(_told(error)) from error

    def _lost(self, why: str) -> ClusterError:
        return ClusterError(
            f"expected the scheduler {self._scheduler.address} until the end of the run, lost it ({why}); see that it "
            f"runs, then run the same command: {RESUME}"
        )


def _require_credentials(address: str) -> None:
    """Dask finds what is missing here out too late: its half-made client then waits for itself."""
    secure = address.startswith(("tls:", "wss:"))
    try:
        security = Security()
        found = security.get_connection_args("client")["ssl_context"]
    except OSError as error:
        raise ClusterError(
            f"expected the certificates that Dask's configuration names (distributed.comm.tls), received {error}; put "
            "them there, or correct the names (docs/clusters.md)"
        ) from error
    if secure and found is None:
        raise ClusterError(
            f"expected certificates for {address} in Dask's configuration, found none; set "
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE and DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT (docs/clusters.md)"
        )
    if security.require_encryption and not secure:
        raise ClusterError(
            f"expected an address that begins with tls://, since Dask's configuration requires encryption, received "
            f"{address}; start the scheduler with `--protocol tls`"
        )


def places(threads: int, offered: Mapping[str, float], wanted: Mapping[str, float]) -> int:
    """How many submissions a worker can take at a time: one a thread, as far as its resources go."""
    return min([threads, *(int(offered.get(name, 0.0) / amount) for name, amount in wanted.items())])


def _told(error: BaseException) -> str:
    return str(error) or type(error).__name__
