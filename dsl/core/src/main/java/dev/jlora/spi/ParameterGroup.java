package dev.jlora.spi;

import dev.jlora.model.Parameter;

/**
 * A parameter that an optimizer updates.
 *
 * @param parameter the trainable parameter
 * @param weightDecay the decay of this one: a job may exempt biases and norms
 */
public record ParameterGroup(Parameter parameter, double weightDecay) {}
