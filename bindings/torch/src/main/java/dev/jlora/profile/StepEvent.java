package dev.jlora.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Flight Recorder event for one training step. */
@Name("dev.jlora.Step")
@Label("Training Step")
@Category("jlora")
@Description("Forward and backward of all micro-batches, clipping, optimizer")
@StackTrace(false)
final class StepEvent extends Event {
  @Label("Step")
  @Description("Optimizer steps, this one counted")
  long step;

  @Label("Loss")
  double loss;

  @Label("Gradient Norm")
  @Description("Before clipping")
  double gradientNorm;

  @Label("Learning Rate")
  double learningRate;

  @Label("Tokens")
  @Description("Positions of the input, padding counted; 0 for images")
  long tokens;

  @Label("Allocation Time")
  @Description("Tensors made empty, and tensors freed")
  @Timespan(Timespan.NANOSECONDS)
  long allocationTime;

  @Label("Minor Page Faults")
  long minorFaults;

  @Label("Major Page Faults")
  long majorFaults;
}
