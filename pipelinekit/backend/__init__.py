"""What a backend is, and how a plan is emitted through one."""

from pipelinekit.backend.interface import Backend, File, Rendered, Request, SetupStep
from pipelinekit.backend.limits import Limit
from pipelinekit.backend.privilege import Privilege
from pipelinekit.backend.raw import merge
from pipelinekit.backend.settings import LINE, WORD, setting
from pipelinekit.backend.support import Case, Lowered, Native, Refused, Support, Table, Unsafe, Weakened

__all__ = [
    "LINE",
    "WORD",
    "Backend",
    "Case",
    "File",
    "Limit",
    "Lowered",
    "Native",
    "Privilege",
    "Refused",
    "Rendered",
    "Request",
    "SetupStep",
    "Support",
    "Table",
    "Unsafe",
    "Weakened",
    "merge",
    "setting",
]
