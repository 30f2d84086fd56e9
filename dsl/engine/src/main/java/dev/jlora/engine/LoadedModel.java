package dev.jlora.engine;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.network.Network;
import dev.jlora.model.weights.LoadReport;
import dev.jlora.spi.ModelFamily;

/**
 * A network with its weights, and what is known of it. Owns the network.
 *
 * @param family the plugin that declared it
 * @param config the configuration it was built from, labels settled
 * @param network frozen, without adapters
 * @param report what was read, what starts fresh
 */
public record LoadedModel(
    ModelFamily family, ModelConfig config, Network network, LoadReport report)
    implements AutoCloseable {

  @Override
  public void close() {
    network.close();
  }
}
