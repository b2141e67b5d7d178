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
