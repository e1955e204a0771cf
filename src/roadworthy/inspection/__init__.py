"""The test levels before a release: functions that take plain things and give findings.

    unit          `contracts.inspect_contracts`, `checks.run_checks` (the user's own tests)
    integration   `parity.inspect_parity`, `odd.inspect_odd_inputs`
    robustness    `robustness.inspect_typos`
    stress        `stress.stress_findings` on what `load.load` saw

Performance and fairness are judged from the test part, in `evaluation`.
"""
