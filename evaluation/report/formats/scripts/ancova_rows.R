rows_of <- function(panel, outcome) {
  rows <- panel[panel[[round_column]] == rounds[2], ]
  before <- panel[panel[[round_column]] == rounds[1], ]
  if (members_only) rows <- rows[rows$panel_member == 1, ]
  rows$did_y <- as.numeric(rows[[outcome]])
  for (name in covariates) rows[[name]] <- as_covariate(rows[[name]])
  known <- is.finite(rows$did_y)
  for (name in covariates) known <- known & !is.na(rows[[name]])
  rows <- rows[known, ]
  rows$did_cluster <- as.character(rows[[cluster_column]])
  rows$did_post <- 1
  before <- before[before[[respondent_column]] != "" & !is.na(before[[outcome]]), ]
  at <- match(rows[[respondent_column]], before[[respondent_column]])
  rows$did_lag <- as.numeric(before[[outcome]])[at]
  rows$did_w <- weights_of(rows)
  rows
}

# What is no treatment: the own baseline value (zero where there is none, with an indicator of it),
# covariates, and a dummy for each value of the effects; an intercept where there are none.
others_of <- function(rows) {
  unknown <- is.na(rows$did_lag)
  O <- cbind(lag = ifelse(unknown, 0, rows$did_lag))
  for (name in covariates) {
    O <- cbind(O, model.matrix(~x, data.frame(x = rows[[name]]))[, -1, drop = FALSE])
  }
  if (length(effects) == 0) O <- cbind(O, 1)
  for (k in seq_along(effects)) {
    every <- model.matrix(~0 + x, data.frame(x = factor(as.character(rows[[effects[k]]]))))
    O <- cbind(O, if (k == 1) every else every[, -1, drop = FALSE])
  }
  if (any(unknown)) O <- cbind(O, unknown = as.numeric(unknown))
  O
}

# Arms as treatments: the tested one first.
treatments_of <- function(arms) {
  made <- c(list(treated_arms), adjusted_arms)
  vapply(made, function(with) as.numeric(arms %in% with), numeric(length(arms)))
}
