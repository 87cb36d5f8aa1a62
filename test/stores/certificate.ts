/**
 * # A certificate that nobody trusts
 *
 * For tests alone: made once by openssl for localhost and 127.0.0.1, valid for a hundred years, signed by itself. Its key is no
 * secret, since no one is to trust it.
 */

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8sWk0dbMwK0/FOT0
pkXKC1PEYNh/vfdayIa54LwerbuhRANCAAQ1IyRsVUZpomPFo+lLine59/MXc3Rc
CxeDl3sQE+VN0caZhsNFoEalhsB+U1ZkNLKgKscu4MABX4Ceh9hV+Al/
-----END PRIVATE KEY-----
`;

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIULWIDmnRwIMvr1zQoVe/DBHgIaUQwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA3NTk0OVoYDzIxMjYxMDI4
MDc1OTQ5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ1IyRsVUZpomPFo+lLine59/MXc3RcCxeDl3sQE+VN0caZhsNFoEal
hsB+U1ZkNLKgKscu4MABX4Ceh9hV+Al/o28wbTAdBgNVHQ4EFgQUbkm32IrOEVDM
rNVhmORtrUEHZoEwHwYDVR0jBBgwFoAUbkm32IrOEVDMrNVhmORtrUEHZoEwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhAKT4uaEhiIt31bqqlLrkxuMO5Egoya0jffMOUWIgjQ7mAiEA
0aNu9akg2xlskLNzmLMmts2rZTAdKPb03kT+L73pSLo=
-----END CERTIFICATE-----
`;

/** Key and certificate, as PEM. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  return { key: KEY, cert: CERTIFICATE };
}
