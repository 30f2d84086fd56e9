package dev.jlora.engine.benchmarks;

import dev.jlora.profile.ProcessUsage;

/**
 * Measurements of a {@link StepBenchmark}, one entry per timed step.
 *
 * @param steps seconds
 * @param hosts seconds in which the host queued a step
 * @param floors seconds of the frozen products only
 * @param minorFaults minor page faults of the step
 * @param majorFaults major page faults of the step
 */
record StepTimes(
    double[] steps, double[] hosts, double[] floors, double[] minorFaults, double[] majorFaults) {
  static StepTimes of(int count) {
    return new StepTimes(
        new double[count],
        new double[count],
        new double[count],
        new double[count],
        new double[count]);
  }

  void set(int index, double step, double host, double floor, ProcessUsage used) {
    steps[index] = step;
    hosts[index] = host;
    floors[index] = floor;
    minorFaults[index] = used.minorFaults();
    majorFaults[index] = used.majorFaults();
  }
}
