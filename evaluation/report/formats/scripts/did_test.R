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
