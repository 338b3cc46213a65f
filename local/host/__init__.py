"""A stand-in for Azure's Functions host: it drives Microsoft's own worker library, so what is tested is what Azure runs.

Without that library, as on Python 3.12, importing this package fails at once and says so.
"""

import importlib.util
import sys

if importlib.util.find_spec("azure_functions_runtime") is None:
    raise ModuleNotFoundError(
        "the local host needs azure-functions-runtime, which exists for Python 3.13 and newer"
        f" (this is Python {sys.version_info.major}.{sys.version_info.minor}): run make setup",
        name="azure_functions_runtime",
    )
