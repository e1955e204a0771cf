"""Finding a model: learner families, search over cached folds, calibration, threshold. Sees training rows alone."""
