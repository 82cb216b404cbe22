module vedette/benchmarks/peers/s2

go 1.24

require github.com/golang/geo v0.0.0-20260818125358-b200a1149890
