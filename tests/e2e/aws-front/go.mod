module oarlock.dev/tests/e2e/aws-front

go 1.26.0
