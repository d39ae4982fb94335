"""The command line: one file per command group, output, exit codes. Nothing below it prints or exits."""
