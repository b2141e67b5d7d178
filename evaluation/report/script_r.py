"""R of the primary estimates that does not depend on the study: what every method shares.

The settings that `scripts.r_script` writes stand before it. Base R except for reading the file
(haven), CV1 (sandwich) and, where memory allows, a second CR2 (clubSandwich).
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
