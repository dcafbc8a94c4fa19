"""The commands: argument parsing, exit codes, printing; one file each."""
