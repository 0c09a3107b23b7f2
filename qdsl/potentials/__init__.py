"""Where potentials come from besides a file itself: included files, the library, plug-ins, tables."""
