"""The environment of every stage, whether Make starts it or ``python -m evaluation all``.

One thread, one hash seed, one clock and one locale: the same bytes on every run.
"""

SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "TZ": "UTC",
    "LC_ALL": "C",
    "MPLBACKEND": "Agg",
    "SOURCE_DATE_EPOCH": "315532800",
    "JUPYTER_PLATFORM_DIRS": "1",
}
