"""R of a difference-in-differences: its rows, its fit, and the wild cluster bootstrap."""

from evaluation.report.script_r import ERRORS, LINE, OPENING, PRINTED

_ROWS = r"""
rows_of <- function(panel, outcome) {
  rows <- panel[panel[[round_column]] %in% rounds, ]
  if (members_only) rows <- rows[rows$panel_member == 1, ]
  rows$did_y <- as.numeric(rows[[outcome]])
  for (name in covariates) rows[[name]] <- as_covariate(rows[[name]])
  known <- is.finite(rows$did_y)
  for (name in covariates) known <- known & !is.na(rows[[name]])
  rows <- rows[known, ]
  rows$did_cluster <- as.character(rows[[cluster_column]])
  rows$did_post <- as.numeric(rows[[round_column]] == rounds[2])
  both <- intersect(rows$did_cluster[rows$did_post == 0], rows$did_cluster[rows$did_post == 1])
  rows <- rows[rows$did_cluster %in% both, ]
  rows$did_w <- weights_of(rows)
  rows
}

# The tested column is the first; effects of the clusters are added or removed elsewhere.
columns_of <- function(rows) {
  given <- as.character(rows[[arm_column]])
  X <- cbind(effect = (given %in% treated_arms) * rows$did_post, post = rows$did_post)
  for (name in names(adjusted_arms)) {
    X <- cbind(X, (given %in% adjusted_arms[[name]]) * rows$did_post)
    colnames(X)[ncol(X)] <- name
  }
  if (stratum_column != "") {
    stratum <- factor(as.character(rows[[stratum_column]]))
    X <- cbind(X, model.matrix(~stratum)[, -1, drop = FALSE] * rows$did_post)
  }
  for (name in covariates) {
    X <- cbind(X, model.matrix(~x, data.frame(x = rows[[name]]))[, -1, drop = FALSE])
  }
  X
}

# The fit with a column for every cluster; the effect is its first coefficient.
full_fit <- function(rows, X) {
  data <- data.frame(y = rows$did_y, cluster = factor(rows$did_cluster), w = rows$did_w)
  data$X <- X
  list(fit = lm(y ~ 0 + X + cluster, data, weights = w), data = data)
}

# Deviations from the weighted cluster means: what is left of the columns after cluster effects.
without_effects <- function(rows, X) {
  w <- rows$did_w
  deviation <- function(v) {
    v - ave(w * v, rows$did_cluster, FUN = sum) / ave(w, rows$did_cluster, FUN = sum)
  }
  list(X = apply(X, 2, deviation), y = deviation(rows$did_y), w = w,
       parts = split(seq_len(nrow(rows)), rows$did_cluster))
}
"""

_WILD = r"""
# Wild cluster bootstrap, null imposed, jackknifed scores (WCR-S): the scores of a cluster are taken
# at the restricted fit without it. All is linear in the tested value r: y and x are fitted once.
wild_scores <- function(d) {
  X <- d$X
  product <- function(i, v) crossprod(X[i, , drop = FALSE], d$w[i] * v)
  A <- lapply(d$parts, function(i) crossprod(X[i, , drop = FALSE] * sqrt(d$w[i])))
  yX <- lapply(d$parts, function(i) product(i, d$y[i]))
  total <- Reduce(`+`, A)
  others <- seq_len(ncol(X))[-1]
  score <- function(moments) {
    all <- Reduce(`+`, moments)
    t(vapply(seq_along(A), function(g) {
      rest <- (total - A[[g]])[others, others, drop = FALSE]
      beta <- solve(rest, (all - moments[[g]])[others])
      as.vector(moments[[g]] - A[[g]][, others, drop = FALSE] %*% beta)
    }, numeric(ncol(X))))
  }
  M <- solve(total)
  list(y = score(yX), x = score(lapply(A, function(a) a[, 1])), M = M, A = A,
       lever = t(vapply(A, function(a) as.vector(M[1, ] %*% a %*% M), numeric(ncol(X)))))
}

enumerated <- function(g) weights_kind == "rademacher" && 2^g <= draws

# Blocks of multipliers, clusters in rows; all sign vectors where they are not more than asked for.
multipliers <- function(g, number) {
  if (enumerated(g)) return(list(t(as.matrix(expand.grid(rep(list(c(1, -1)), g))))))
  values <- if (weights_kind == "webb") sqrt(c(1.5, 1, 0.5)) else 1
  sizes <- c(rep(9999, number %/% 9999), number %% 9999)
  lapply(sizes[sizes > 0], function(size) {
    matrix(sample(c(-values, values), g * size, replace = TRUE), g)
  })
}

# |t*| of a block of sign vectors, for the value r.
wild_t <- function(s, r, v) {
  scores <- s$y - r * s$x
  z <- as.vector(scores %*% s$M[, 1])
  numerator <- as.vector(crossprod(v, z))
  parts <- v * z - s$lever %*% crossprod(scores, v)
  g <- length(z)
  abs(numerator) / sqrt(g / (g - 1) * colSums(parts^2))
}

wild_p <- function(s, r, estimate, std_error, blocks) {
  t <- abs(estimate - r) / std_error * (1 - 1e-9)
  larger <- sum(vapply(blocks, function(v) sum(wild_t(s, r, v) >= t), numeric(1)))
  number <- sum(vapply(blocks, ncol, numeric(1)))
  if (enumerated(nrow(s$y))) larger / number else (larger + 1) / (number + 1)
}
"""

_ANALYSE = r"""
analyse <- function(panel, outcome) {
  rows <- rows_of(panel, outcome)
  X <- columns_of(rows)
  full <- full_fit(rows, X)
  d <- without_effects(rows, X)
  found <- by_errors(outcome, full, d)
  estimate <- found$estimate[1]
  error <- found$std_error[1]
  g <- length(d$parts)
  set.seed(1)
  blocks <- multipliers(g, draws)
  s <- wild_scores(d)
  p <- wild_p(s, 0, estimate, error, blocks)
  # the ends of the set from the first block, to save time
  p_of <- function(r) wild_p(s, r, estimate, error, blocks[1])
  ends <- set_ends(p_of, estimate, error, far = 4, fine = 1e-3)
  rbind(found, line(outcome, "wcr_s", estimate, error, g - 1, nrow(rows), g, p, ends))
}

panel <- as.data.frame(read_dta(panel_file))
found <- do.call(rbind, lapply(outcomes, function(outcome) analyse(panel, outcome)))
"""

BODY = f"{OPENING}{_ROWS}{ERRORS}{_WILD}{LINE}{_ANALYSE}{PRINTED}"
