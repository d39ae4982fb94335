"""The reference agent: a small coding agent that shows every client-side feature of data use, each in a module of its own.

    program     the command: puts the parts together
    desk        the commands of a person: /feedback, /privacy, /quit
    loop        prompt -> model -> tools -> model, until the task is done
    messages    the Anthropic Messages API, streaming
    tools       read a file, write a file, run a command, in the working folder
    transcript  the session's lines, on this machine only
    terminal    a person, or nobody; throws away what was typed before a question
    switches    which services are on: the one table that every call site asks
    telemetry   numbers and words of closed lists; there is no type for a text
    reports     an error as its type and places, never its message
    feedback, survey, privacy    what leaves, and how a person is asked before it does
    server      what of Tenure's service the agent uses

What a shop of its own would add is left out: retries, several models, sub-agents, a screen.
"""
