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
