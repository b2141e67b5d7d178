"""Why damage of a class passes in silence, or is told by findings that point elsewhere."""

DEMO, TRIAL = "somos_comunidad", "medellin"
BOTH = (DEMO, TRIAL)


def _of(reasons: dict[tuple[str, tuple[str, ...]], str]) -> dict[str, str]:
    """Reason by kind and study."""
    return {
        f"{name}:{study}": reason
        for (names, studies), reason in reasons.items()
        for name in names.split()
        for study in studies
    }


SILENT = _of(
    {
        ("battery-rounds-exchanged", BOTH): "both rounds are as likely as before: a rise of the"
        " means became a fall, and only the form's own export can tell",
        ("column-right-600 column-right-200", BOTH): "neighbours of one scale have nearly the same"
        " means and the same ties with all other items",
        ("crimes-column-right", (DEMO,)): "crimes of a few per cent each: the codes, the number of"
        " crimes and the skip rules hold in the moved cells too",
        ("battery-pasted-7 battery-mixed-300", (TRIAL,)): "a battery's ties with other modules are"
        " weak there, and 300 rows without them are no more than its neighbourhoods vary",
        ("battery-7-down battery-mixed-1200", (TRIAL,)): "the battery goes with itself as before,"
        " and its ties with other modules are too weak to be missed in a part of the rows",
        ("items-exchanged-700", (TRIAL,)): "two items of one scale with like means and ties, in a"
        " fifth of the rows",
        ("places-40-down", (TRIAL,)): "these people were asked in one round alone, and the file has"
        " neither a clock nor interviewers by which a place could be wrong",
        ("own-scale-short own-middle", (DEMO,)): "one in ten chooses such an end: by interviewers'"
        " usual differences one in a hundred has none in 125 interviews, and 4,704 are looked at",
        ("own-times-one", (DEMO,)): "an interviewer has too few victims to be judged by them, fewer"
        " than thirty",
        ("own-from-others", (DEMO,)): "another person's true answers have the right shares and the"
        " right ties inside the battery; ties with other items are not looked at by interviewer",
        ("one-line-tenth", (DEMO,)): "honest people give one answer along five items too, and a"
        " rule about items of both directions was left out",
        ("invented-fifth invented-places", (DEMO,)): "no item is declared as one that nobody can"
        " know, so that a share of one in five, or by place, is an answer like others",
        ("series-counts-exchanged series-counts-exchanged-2022", (DEMO,)): "rates of places"
        " differ so widely that four times the people, or a part of the periods, is not far off",
    }
)
MISLEADING = _of(
    {
        ("fieldwork-of-other-round", (DEMO,)): "one length out of range stops the stage; the"
        " warning about the other round's lengths comes once that cell is corrected",
        ("ids-cut", BOTH): "ids that became the same stop the stage; the warning about their form"
        " comes once they are corrected",
        ("ids-check-digit", (TRIAL,)): "ids that now are other people's stop the stage by what"
        " cannot change; the warning about their form comes after",
        ("battery-pasted-7 battery-40-down battery-mixed-1200 battery-mixed-300", (DEMO,)): "the"
        " rows are named rightly, and the one item of the module that did not move is named",
    }
)
