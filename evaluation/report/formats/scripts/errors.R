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
