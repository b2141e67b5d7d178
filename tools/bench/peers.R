# R packages on the same survey: Rscript tools/bench/peers.R SURVEY.csv TASK SECONDS MOST
#
# One task in one process. Prints name=value lines: the first call, the median of the others and how
# many there were (milliseconds), then the numbers, standard errors without their factor.

arguments <- commandArgs(trailingOnly = TRUE)
stopifnot(length(arguments) == 4)
survey <- read.csv(arguments[1])
task <- arguments[2]
seconds <- as.numeric(arguments[3])
most <- as.integer(arguments[4])

covariates <- grep("^x", names(survey), value = TRUE)
columns <- c("did", "post", covariates)
formula <- as.formula(paste("y0 ~", paste(columns, collapse = " + ")))
clusters <- length(unique(survey$municipality))
rows <- nrow(survey)

robust <- function(type) {
  estimatr::lm_robust(formula, data = survey, fixed_effects = ~municipality,
                      clusters = municipality, se_type = type)
}

# Columns less their municipality means, which gives the same CR2 and CR3 as dummies where no
# weights are used, and without which clubSandwich stops at CR3.
within <- survey[c("y0", columns)]
for (name in names(within)) {
  within[[name]] <- within[[name]] - ave(within[[name]], survey$municipality)
}
absorbed <- lm(update(formula, . ~ . - 1), data = within)

calls <- list(
  estimatr_cv1 = function() {
    fit <- robust("stata")
    coefficients <- length(columns) + clusters
    factor <- clusters / (clusters - 1) * (rows - 1) / (rows - coefficients)
    c(estimate = fit$coefficients[["did"]], cr0 = fit$std.error[["did"]] / sqrt(factor))
  },
  estimatr_cr2 = function() {
    fit <- robust("CR2")
    c(cr2 = fit$std.error[["did"]], df = fit$df[["did"]])
  },
  clubsandwich_cr2 = function() {
    V <- clubSandwich::vcovCR(absorbed, cluster = survey$municipality, type = "CR2")
    test <- clubSandwich::coef_test(absorbed, vcov = V, test = "Satterthwaite", coefs = "did")
    c(cr2 = test$SE, df = test$df_Satt)
  },
  clubsandwich_cv3 = function() {
    V <- clubSandwich::vcovCR(absorbed, cluster = survey$municipality, type = "CR3")
    c(cv3 = sqrt(V["did", "did"]))
  }
)

timed <- function(call) {
  begin <- as.numeric(Sys.time())
  values <- call()
  list(values = values, ms = (as.numeric(Sys.time()) - begin) * 1000)
}

first <- timed(calls[[task]])
others <- c()
while (length(others) < most && sum(others) < seconds * 1000) {
  others <- c(others, timed(calls[[task]])$ms)
}
cat(sprintf("first=%.6g\n", first$ms))
cat(sprintf("median=%.6g\n", if (length(others)) median(others) else first$ms))
cat(sprintf("calls=%d\n", length(others)))
for (name in names(first$values)) cat(sprintf("value.%s=%.17g\n", name, first$values[[name]]))
