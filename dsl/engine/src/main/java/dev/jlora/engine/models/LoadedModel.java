package dev.jlora.engine.models;

import dev.jlora.io.ModelConfig;
import dev.jlora.model.network.Network;
import dev.jlora.model.weights.LoadReport;
import dev.jlora.spi.ModelFamily;

/**
 * A network with its weights and metadata. Owns the network.
 *
 * @param family the plugin that declared it
 * @param config the configuration it was built from, with resolved labels
 * @param network frozen, without adapters
 * @param report what was read and what was initialized
 */
public record LoadedModel(
    ModelFamily family, ModelConfig config, Network network, LoadReport report)
    implements AutoCloseable {

  @Override
  public void close() {
    network.close();
  }
}
