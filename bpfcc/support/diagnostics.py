"""Diagnostics as data, and the sink that stages report them to.

A stage never prints: it builds ``Diagnostic`` values and hands them to the ``Sink`` it was given,
then goes on. Rendering (text, JSON, SARIF ...) is ``support.render`` and the driver's business.
"""

from __future__ import annotations

from enum import IntEnum

from .source import Span


class Severity(IntEnum):
    """How bad; ordered."""

    NOTE = 0
    WARNING = 1
    ERROR = 2


class Note:
    """A remark below a diagnostic: where a value came from, where a limit is declared."""

    __slots__ = ("message", "span")

    def __init__(self, message: str, span: Span | None = None) -> None:
        self.message = message
        self.span = span


class FixIt:
    """One edit that can be applied: replace ``span`` by ``text``; or just advice if span is None."""

    __slots__ = ("span", "text")

    def __init__(self, text: str, span: Span | None = None) -> None:
        self.text = text
        self.span = span


class Diagnostic:
    """One finding.

    ``id`` is stable: ``bpf-...`` for what BPF or the kernel forbids, ``c-...`` for constraint
    violations of C. ``group`` is the ``-W`` name of a warning, without ``-W`` ("" = always on).
    ``kernel`` is the wording the kernel's verifier would use, for people who search for it.
    """

    __slots__ = ("fixits", "group", "id", "kernel", "message", "notes", "severity", "span")

    def __init__(
        self,
        id: str,
        severity: Severity,
        message: str,
        span: Span | None = None,
        *,
        group: str = "",
        notes: list[Note] | None = None,
        fixits: list[FixIt] | None = None,
        kernel: str = "",
    ) -> None:
        self.id = id
        self.severity = severity
        self.message = message
        self.span = span
        self.group = group
        self.notes: list[Note] = notes or []
        self.fixits: list[FixIt] = fixits or []
        self.kernel = kernel

    def __repr__(self) -> str:
        where = ":".join(map(str, self.span.position())) + ": " if self.span else ""
        return f"<{where}{self.severity.name.lower()}: {self.message} [{self.id}]>"


class WarningPolicy:
    """What the ``-W`` flags say: which groups are on, off, or errors.

    Groups are names without ``-W``. Groups not on by default come on with ``all``/``extra`` or
    their own name. ``system`` headers are silent unless ``system_headers``.
    """

    ALL = frozenset(
        {
            "int-in-bool-context",
            "logical-op-parentheses",
            "missing-braces",
            "self-assign",
            "unknown-pragmas",
            "unneeded-internal-declaration",
            "unused-but-set-variable",
            "unused-function",
            "unused-label",
            "unused-local-typedef",
            "unused-variable",
        }
    )
    EXTRA = frozenset(
        {
            "bpf-ignored-result",
            "bpf-shared-counter",
            "missing-field-initializers",
            "shift-negative-value",
            "sign-compare",
            "unused-but-set-parameter",
            "unused-parameter",
        }
    )
    DEFAULT_OFF = (
        ALL
        | EXTRA
        | {
            "conversion",
            "implicit-fallthrough",
            "padded",
            "pedantic",
            "shadow",
            "tautological-type-limit-compare",
            "tautological-unsigned-enum-zero-compare",
            "tautological-unsigned-zero-compare",
            "unused-value-extra",
        }
    )

    # Groups that hold others.
    PARTS = {
        "type-limits": frozenset(
            {"tautological-unsigned-enum-zero-compare", "tautological-unsigned-zero-compare"}
        ),
    }

    FOREIGN_PREFIXES = ("c++", "thread-safety", "obj", "gnu-", "microsoft", "openmp", "clang-")

    @classmethod
    def is_known(cls, name: str) -> bool:
        """Tell whether ``name`` is a group of ours or one of clang's (which may mean nothing)."""
        from .warning_names import CLANG_GROUPS

        return (
            name in cls.DEFAULT_OFF
            or name.startswith(("bpf-", *cls.FOREIGN_PREFIXES))
            or name in CLANG_GROUPS
        )

    def __init__(self) -> None:
        self.silent = False  # -w
        self.everything_is_error = False  # -Werror
        self.spared = "!"  # begins the groups that only -Werror=NAME makes errors
        self.on: set[str] = set()
        self.off: set[str] = set()
        self.errors: set[str] = set()
        self.not_errors: set[str] = set()

    def severity(self, diagnostic: Diagnostic) -> Severity | None:
        """Return the severity to report at, or None to drop the diagnostic."""
        if diagnostic.severity != Severity.WARNING:
            return diagnostic.severity
        group = diagnostic.group
        if self.silent or group in self.off:
            return None
        span = diagnostic.span
        if span is not None and span.outermost().file.system:
            return None
        if group in self.DEFAULT_OFF and group not in self.on and group not in self.errors:
            return None
        if group in self.errors:
            return Severity.ERROR
        if self.everything_is_error and group not in self.not_errors:
            return Severity.WARNING if group.startswith(self.spared) else Severity.ERROR
        return Severity.WARNING


class Sink:
    """Collects diagnostics in order of report, applies the warning policy, counts errors."""

    def __init__(self, policy: WarningPolicy | None = None, *, error_limit: int = 0) -> None:
        self.policy = policy or WarningPolicy()
        self.error_limit = error_limit
        self.diagnostics: list[Diagnostic] = []
        self.errors = 0
        self.warnings = 0
        self._seen: set[tuple[str, str, int, int, int]] = set()

    def report(self, diagnostic: Diagnostic) -> None:
        """Take one diagnostic; the same id and text at the same place is kept once."""
        severity = self.policy.severity(diagnostic)
        if severity is None:
            return
        span = diagnostic.span
        # A macro's text is one place spelled, but each of its invocations is another one.
        place = (id(span.file), span.start, span.outermost().start) if span else (0, -1, -1)
        key = (diagnostic.id, diagnostic.message, *place)
        if key in self._seen:
            return
        self._seen.add(key)
        diagnostic.severity = severity
        if severity == Severity.ERROR:
            self.errors += 1
        elif severity == Severity.WARNING:
            self.warnings += 1
        self.diagnostics.append(diagnostic)

    def error(
        self,
        id: str,
        message: str,
        span: Span | None,
        *,
        notes: list[Note] | None = None,
        fixits: list[FixIt] | None = None,
        kernel: str = "",
    ) -> None:
        """Report an error."""
        self.report(
            Diagnostic(id, Severity.ERROR, message, span, notes=notes, fixits=fixits, kernel=kernel)
        )

    def warning(
        self,
        group: str,
        message: str,
        span: Span | None,
        *,
        id: str = "",
        notes: list[Note] | None = None,
        fixits: list[FixIt] | None = None,
        kernel: str = "",
    ) -> None:
        """Report a warning of ``-W<group>``; its id is ``c-<group>`` (or ``bpf-...`` as given)."""
        if not id:
            id = group if group.startswith("bpf-") else "c-" + group
        self.report(
            Diagnostic(
                id,
                Severity.WARNING,
                message,
                span,
                group=group,
                notes=notes,
                fixits=fixits,
                kernel=kernel,
            )
        )
