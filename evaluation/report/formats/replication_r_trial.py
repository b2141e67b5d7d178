"""R of a trial's endline given baseline answers, tested by permuting arms within strata.

The primary outcomes share their permutations, so the script also makes the simultaneous intervals
that are published.
"""

from evaluation.report.formats.replication_r_did import ERRORS, LINE, OPENING, PRINTED

_ROWS = r"""
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
"""

_PERMUTED = r"""
# Arms of all clusters, drawn anew within strata; one column a permutation.
permuted_arms <- function(arms, strata, number) {
  places <- split(seq_along(arms), strata)
  replicate(number, {
    drawn <- arms
    for (i in places) drawn[i] <- arms[i][sample.int(length(i))]
    drawn
  })
}

# Estimate and squared CV1 error of the tested treatment for outcomes y and x (two columns) with
# the treatments of the clusters as given: all is linear in the tested value r of y - r x.
permuted_fit <- function(s, treatments) {
  Tg <- treatments[s$cluster, , drop = FALSE]
  left <- Tg - s$O %*% (s$solve %*% crossprod(s$Ow, treatments))
  M <- solve(crossprod(left * sqrt(s$w)))
  beta <- M %*% crossprod(left * s$w, s$left)
  lever <- as.vector(left %*% M[, 1]) * s$w
  z <- rowsum(lever * (s$left - left %*% beta), s$cluster)
  c(beta[1, ], sum(z[, 1]^2), 2 * sum(z[, 1] * z[, 2]), sum(z[, 2]^2))
}

# Five numbers for each permutation. Of the other treatments none is removed before permuting.
permuted <- function(rows, O, everywhere, arms, draws_of) {
  w <- rows$did_w
  cluster <- match(rows$did_cluster, everywhere)
  solved <- solve(crossprod(O * sqrt(w)))
  observed <- treatments_of(arms)
  full <- lm.wfit(cbind(observed[cluster, , drop = FALSE], O), rows$did_y, w)
  rest <- rows$did_y - as.vector(observed[cluster, -1, drop = FALSE] %*%
    full$coefficients[seq_len(ncol(observed))[-1]])
  both <- cbind(rows$did_y, observed[cluster, 1])
  s <- list(O = O, w = w, cluster = cluster, solve = solved,
            left = both - O %*% (solved %*% crossprod(O * w, both)))
  s$Ow <- matrix(0, length(everywhere), ncol(O))
  sums <- rowsum(O * w, cluster)
  s$Ow[as.integer(rownames(sums)), ] <- sums
  apply(draws_of, 2, function(drawn) permuted_fit(s, treatments_of(drawn)))
}

# |t*| of every permutation for the value r.
permuted_t <- function(five, r, g) {
  error <- five[3, ] - r * five[4, ] + r^2 * five[5, ]
  abs(five[1, ] - r * five[2, ]) / sqrt(g / (g - 1) * error)
}

permuted_p <- function(five, r, estimate, error, g) {
  t <- abs(estimate - r) / error * (1 - 1e-9)
  (1 + sum(!(permuted_t(five, r, g) < t))) / (1 + ncol(five))
}
"""

_ANALYSE = r"""
panel <- as.data.frame(read_dta(panel_file))
clusters <- panel[!duplicated(panel[[cluster_column]]), ]
everywhere <- as.character(clusters[[cluster_column]])
arms <- as.character(clusters[[arm_column]])
strata <- if (stratum_column == "") rep("all", length(arms)) else clusters[[stratum_column]]
set.seed(1)
draws_of <- permuted_arms(arms, as.character(strata), draws)

found <- list()
statistics <- list()
for (outcome in outcomes) {
  rows <- rows_of(panel, outcome)
  O <- others_of(rows)
  X <- cbind(treatments_of(rows[[arm_column]]), O)
  data <- data.frame(y = rows$did_y, cluster = factor(rows$did_cluster), w = rows$did_w)
  data$X <- X
  full <- list(fit = lm(y ~ 0 + X, data, weights = w), data = data)
  d <- list(X = X, y = rows$did_y, w = rows$did_w,
            parts = split(seq_len(nrow(rows)), rows$did_cluster))
  lines <- by_errors(outcome, full, d)
  g <- length(d$parts)
  five <- permuted(rows, O, everywhere, arms, draws_of)
  estimate <- lines$estimate[1]
  error <- lines$std_error[1]
  p_of <- function(r) permuted_p(five, r, estimate, error, g)
  ends <- set_ends(p_of, estimate, error, far = 6, fine = 1e-6)
  p <- permuted_p(five, 0, estimate, error, g)
  statistics[[outcome]] <- permuted_t(five, 0, g)
  tested <- line(outcome, "ri", estimate, error, g - 1, nrow(rows), g, p, ends)
  found <- c(found, list(lines, tested))
}
found <- do.call(rbind, found)

# Over all primary outcomes at once, as published: the largest |t*| of each permutation (single-step
# max-t). The interval contains that of the outcome alone.
largest <- do.call(pmax, statistics)
for (outcome in outcomes) {
  own <- found[found$outcome == outcome & found$step == "ri", ]
  half <- sort(largest)[ceiling(level * (length(largest) + 1))] * own$std_error
  p <- (1 + sum(largest >= abs(own$estimate / own$std_error) * (1 - 1e-9))) / (1 + length(largest))
  ends <- c(min(own$estimate - half, own$ci_low), max(own$estimate + half, own$ci_high))
  found <- rbind(found, line(outcome, "ri_max_t", own$estimate, own$std_error, own$df, own$n,
                             own$n_clusters, p, ends))
}
"""

BODY = f"{OPENING}{_ROWS}{ERRORS}{_PERMUTED}{LINE}{_ANALYSE}{PRINTED}"
