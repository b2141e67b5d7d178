"""R of a difference-in-differences, and what every R script shares.

The settings that `replication_scripts.r_script` writes stand before it. Base R except for reading
the file (haven), CV1 (sandwich) and, where memory allows, a second CR2 (clubSandwich).
"""

OPENING = r"""
suppressPackageStartupMessages({
  library(haven)
  library(sandwich)
})
arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) > 0) panel_file <- arguments[1]

# ---- Rows and weights of one outcome -------------------------------------------------------------

# Numbers as they are; labelled and text columns as categories.
as_covariate <- function(x) {
  if (is.labelled(x)) as_factor(zap_missing(x)) else if (is.character(x)) factor(x) else x
}

# equal: the rows of a cluster in a round sum to one; population: to the cluster's population.
weights_of <- function(rows) {
  w <- if (weight_column == "") rep(1, nrow(rows)) else as.numeric(rows[[weight_column]])
  if (inverse_weights) w <- 1 / w
  if (estimand == "respondents") return(w)
  w <- w / ave(w, rows$did_cluster, rows$did_post, FUN = sum)
  if (estimand == "population") w <- w * as.numeric(rows[[population_column]])
  w
}
"""

ERRORS = r"""
# ---- Inference -----------------------------------------------------------------------------------

# CV3: refit without each cluster in turn; (G - 1)/G around the full estimate.
cv3 <- function(d) {
  slope <- function(keep) lm.wfit(d$X[keep, , drop = FALSE], d$y[keep], d$w[keep])$coefficients[[1]]
  every <- seq_along(d$y)
  full <- slope(every)
  without <- vapply(d$parts, function(part) slope(every[-part]), numeric(1))
  g <- length(d$parts)
  list(estimate = full, std_error = sqrt((g - 1) / g * sum((without - full)^2)))
}

# CR2 with Satterthwaite degrees of freedom from its definition, cluster by cluster: H = X M X'W,
# A the root of the pseudo-inverse of [(I - H)(I - H)']_gg; working model of independent errors.
cr2 <- function(fit, data) {
  X <- model.matrix(fit)
  w <- data$w
  M <- solve(crossprod(X * sqrt(w)))
  S <- crossprod(X * w)
  MSM <- M %*% S %*% M
  e <- data$y - as.vector(X %*% coef(fit))
  parts <- split(seq_along(w), data$cluster)
  found <- lapply(parts, function(i) {
    Xg <- X[i, , drop = FALSE]
    H <- Xg %*% M %*% t(Xg * w[i])
    inner <- diag(length(i)) - H - t(H) + Xg %*% MSM %*% t(Xg)
    root <- eigen((inner + t(inner)) / 2, symmetric = TRUE)
    kept <- root$values > 1e-12 * max(1, root$values)
    vectors <- root$vectors[, kept, drop = FALSE]
    A <- vectors %*% (t(vectors) / sqrt(root$values[kept]))
    a <- as.vector(A %*% (w[i] * as.vector(Xg %*% M[, 1])))
    list(score = sum(a * e[i]), own = sum(a * (inner %*% a)), u = crossprod(Xg, a),
         v = crossprod(Xg * w[i], a))
  })
  U <- do.call(cbind, lapply(found, `[[`, "u"))
  V <- do.call(cbind, lapply(found, `[[`, "v"))
  crossed <- t(U) %*% M %*% V
  P <- t(U) %*% MSM %*% U - crossed - t(crossed)
  diag(P) <- vapply(found, `[[`, numeric(1), "own")
  variance <- sum(vapply(found, `[[`, numeric(1), "score")^2)
  list(std_error = sqrt(variance), df = sum(diag(P))^2 / sum(P^2))
}

# The same by clubSandwich, which holds (columns x rows x clusters) numbers in memory.
cr2_by_package <- function(fit, data) {
  V <- clubSandwich::vcovCR(fit, cluster = data$cluster, type = "CR2")
  name <- names(coef(fit))[1]
  test <- clubSandwich::coef_test(fit, vcov = V, test = "Satterthwaite", coefs = name)
  list(std_error = test$SE, df = test$df_Satt)
}
"""

LINE = r"""
# ---- One outcome ---------------------------------------------------------------------------------

line <- function(outcome, step, estimate, std_error, df, n, clusters, p = NULL, ends = NULL) {
  if (is.null(p)) p <- 2 * pt(-abs(estimate / std_error), df)
  if (is.null(ends)) ends <- estimate + c(-1, 1) * qt((1 + level) / 2, df) * std_error
  data.frame(outcome = outcome, step = step, estimate = estimate, std_error = std_error, df = df,
             ci_low = ends[1], ci_high = ends[2], p_value = p, n = n, n_clusters = clusters,
             mark = mark)
}

# The ends of the set where p crosses 1 - level, by bisection to a fraction of a standard error.
set_ends <- function(p_of, estimate, error, far, fine) {
  end <- function(side) {
    inside <- estimate
    outside <- estimate + side * far * error
    if (p_of(outside) > 1 - level) return(side * Inf)
    while (abs(outside - inside) > fine * error) {
      middle <- (inside + outside) / 2
      if (p_of(middle) > 1 - level) inside <- middle else outside <- middle
    }
    (inside + outside) / 2
  }
  c(end(-1), end(1))
}

# CV1, CV3 and CR2 of one fit (d: what CV3 refits); a second CR2 where memory allows.
by_errors <- function(outcome, full, d) {
  estimate <- coef(full$fit)[[1]]
  n <- nrow(full$data)
  g <- length(d$parts)
  v <- vcovCL(full$fit, cluster = full$data$cluster, type = "HC0", cadjust = TRUE)
  error <- sqrt(v[1, 1])
  jackknife <- cv3(d)
  stopifnot(abs(jackknife$estimate - estimate) < 1e-8 * error)
  bell <- cr2(full$fit, full$data)
  found <- list(
    line(outcome, "cv1", estimate, error, g - 1, n, g),
    line(outcome, "cv3", estimate, jackknife$std_error, g - 1, n, g),
    line(outcome, "cr2", estimate, bell$std_error, bell$df, n, g)
  )
  if (length(coef(full$fit)) * n * g < 2e8 && requireNamespace("clubSandwich", quietly = TRUE)) {
    other <- cr2_by_package(full$fit, full$data)
    found <- c(found, list(line(outcome, "cr2_clubSandwich", estimate, other$std_error, other$df,
                                n, g)))
  }
  do.call(rbind, found)
}
"""

PRINTED = r"""
number <- vapply(found, is.numeric, logical(1))
found[number] <- lapply(found[number], function(x) sprintf("%.15g", x))
write.csv(found, stdout(), row.names = FALSE, quote = FALSE)
"""


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
